//! Plans laid over one another, and the file that is kept of a job.

use super::fixture;
use crate::support::{catalog, path, savepoint, write_file};
use holdpoint::plan::{JobPlan, MaxParallelism, PlanFile};
use holdpoint::report::{Report, Verdict};
use holdpoint::rules::Question;
use holdpoint::source::{Settings, Source};
use holdpoint::state::StateBackend;
use std::process::Command;

fn overlaid(sources: &[&str]) -> JobPlan {
    JobPlan::read_all(&Source::default(), sources.iter().copied()).unwrap().unwrap()
}

fn verdict(fixture: &str, plan: &JobPlan) -> Verdict {
    Report::of(&catalog(fixture), plan, Question::default()).verdict()
}

/// The graph alone does not tell the states, the savepoint alone not who set the max parallelism; both tell all.
#[test]
fn a_graph_and_a_test_run_tell_what_each_hides() {
    for line in ["1.20", "2.3"] {
        let old = format!("flink-{line}-max4");
        let graph = fixture(&format!("flink-{line}-shop"), "job.graph");
        let run = savepoint(&format!("flink-{line}-v1"));
        assert_eq!(verdict(&old, &overlaid(&[&graph])), Verdict::Undetermined);
        assert_eq!(verdict(&old, &overlaid(&[&run])), Verdict::Undetermined);
        let both = overlaid(&[&graph, &run]);
        assert_eq!(both.contradictions, []);
        assert_eq!(verdict(&old, &both), Verdict::Compatible);
        assert_eq!(verdict(&old, &overlaid(&[&run, &graph])), Verdict::Compatible);
    }
}

/// A file that says something of the whole job does so of every operator that does not say its own. Alone it is no plan.
#[test]
fn a_plan_file_of_one_line_is_laid_over_a_plan() {
    let plan = fixture("flink-2.3-sql", "compiled-plan.json");
    let line = write_file("overlaid-line.yaml", "max_parallelism: 64\n");
    let of = |uid: &str| {
        let plan = overlaid(&[&plan, &line]);
        assert_eq!(plan.contradictions, []);
        plan.operators.iter().find(|it| it.title() == uid).unwrap().max_parallelism
    };
    assert_eq!(of("6_group-aggregate"), MaxParallelism::Set(64));
    assert_eq!(of("190_temporal-sort"), MaxParallelism::Set(64));
    // All rows go through these.
    assert_eq!(of("125_rank"), MaxParallelism::Set(1));
    assert_eq!(of("126_sink"), MaxParallelism::SetOrDerived(1));
    let refused = JobPlan::read_all(&Source::default(), [line.as_str()]).unwrap_err().to_string();
    assert!(
        refused
            .ends_with("has no operators: name the plan that it is laid over before it, as another --plan")
    );
}

#[test]
fn what_two_plans_tell_differently_is_found() {
    let graph = fixture("flink-2.3-shop", "job.graph");
    let other = savepoint("flink-2.3-key-type-changed");
    let told: Vec<_> =
        overlaid(&[&graph, &other]).contradictions.into_iter().map(|it| (it.title, it.fact)).collect();
    assert_eq!(told, [("customer-profile".to_owned(), "key type".to_owned())]);
    let renamed = savepoint("flink-2.3-uid-renamed");
    let told: Vec<_> =
        overlaid(&[&graph, &renamed]).contradictions.into_iter().map(|it| (it.title, it.fact)).collect();
    assert_eq!(told, [("customer-profile-v2".to_owned(), "operator".to_owned())]);
}

/// Flink's configuration tells of the state backend what no plan does, and nothing else.
#[test]
fn a_configuration_tells_what_the_plan_does_not() {
    let text = "state:\n  backend:\n    type: rocksdb\n  changelog:\n    enabled: true\n";
    let mut settings = Settings::default();
    settings.read_flink_conf(write_file("configured.yaml", text).as_ref()).unwrap();
    let configured = |fixture: &str| {
        let mut plan = overlaid(&[&savepoint(fixture)]);
        plan.take_configuration(&settings);
        plan
    };
    let silent = configured("flink-2.3-v1");
    assert_eq!((silent.state_backend, silent.changelog), (Some(StateBackend::RocksDb), Some(true)));
    assert_eq!(verdict("flink-2.3-v1", &silent), Verdict::Incompatible);
    let checkpoint = configured("flink-2.3-v1-checkpoint"); // of a test without a changelog
    assert_eq!((checkpoint.state_backend, checkpoint.changelog), (Some(StateBackend::HashMap), Some(true)));
    assert_eq!(verdict("flink-2.3-v1", &checkpoint), Verdict::Incompatible);
}

/// Whatever a plan file can say survives being written and read.
#[test]
fn a_plan_file_says_what_the_plan_says() {
    for name in super::PLANS {
        let file = overlaid(&[&fixture(name, "job.graph")]).to_file();
        let written = write_file(&format!("{name}.yaml"), &file.to_yaml(name));
        let read = overlaid(&[&written]).to_file();
        assert_eq!(file.differences(&read), [], "{name}");
        assert!(!PlanFile::of_plan(&overlaid(&[&written])).operators.is_empty());
    }
}

fn plan_command(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).arg("plan").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_kept_plan_is_compared_with_the_job() {
    let graph = fixture("flink-2.3-shop", "job.graph");
    let run = savepoint("flink-2.3-v1");
    let kept = write_file("kept.yaml", &plan_command(&[&graph, &run]).1);
    let (status, said) = plan_command(&[&graph, &run, "--check", &kept]);
    assert_eq!((status, said), (Some(0), format!("{kept} is what the job says\n")));
    let changed = savepoint("flink-2.3-field-added");
    let (status, said) = plan_command(&[&graph, &changed, "--check", &kept]);
    assert_eq!(status, Some(1));
    assert_eq!(
        said,
        format!(
            "types › com.example.shop.Order › fields › note: String is new\n{kept} is not what the job says: 1 difference; review it, and write it again with `holdpoint plan`\n"
        )
    );
    let example = path("examples/shop-next.yaml").display().to_string();
    assert_eq!(plan_command(&[&example, "--check", &example]).0, Some(0));
}

/// What a source cannot tell stands in the report, for each of several plans.
#[test]
fn a_report_says_what_its_plan_cannot_tell() {
    let plan = fixture("flink-2.3-events", "flink-info.txt");
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .args(["check", &savepoint("flink-2.3-v1"), "--plan", &plan])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = "           a execution plan does not tell: max parallelism, key types, states, state backend, state changelog\n";
    assert!(said.contains(&line.replace("a execution", "an execution")), "{said}");
    assert_eq!(output.status.code(), Some(3), "nothing is known of another job's operators");
}
