//! Savepoints in real stores read as they do on disk, byte for byte. `tests/stores/run` starts the stores and runs this;
//! what a store is and who may read it comes in environment variables from there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a command is given beside the rest of the environment.
type Environment<'a> = &'a [(&'a str, &'a str)];

/// Whoever may read everything.
const OWNER: Environment<'_> =
    &[("AWS_ACCESS_KEY_ID", "AKIAALL"), ("AWS_SECRET_ACCESS_KEY", "secret-all"), ("AWS_REGION", "us-east-1")];

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run tests/stores/run"))
}

fn savepoints() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/savepoints")
}

/// Fixtures that were put into the stores.
fn fixtures() -> Vec<String> {
    let names = variable("HOLDPOINT_STORES_FIXTURES");
    names.split_whitespace().map(str::to_owned).collect()
}

fn run(environment: Environment<'_>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    for name in
        ["HADOOP_CONF_DIR", "HADOOP_HOME", "HADOOP_USER_NAME", "AWS_PROFILE", "KRB5CCNAME", "KRB5_CONFIG"]
    {
        command.env_remove(name);
    }
    // No credentials of whoever runs the tests.
    command.env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null").env("AWS_CONFIG_FILE", "/dev/null");
    command.envs(environment.iter().copied()).args(arguments).output().unwrap()
}

/// What the command prints, with the place of the savepoint taken out.
fn printed(environment: Environment<'_>, arguments: &[&str], place: &str) -> String {
    let output = run(environment, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().replace(place, "PLACE")
}

/// Every document of every fixture is the same from the store and from disk.
fn assert_reads_as_on_disk(environment: Environment<'_>, root: &str) {
    let named = fixtures().into_iter().map(|fixture| (fixture.clone(), fixture));
    // The same savepoint as one of them.
    let odd = match (variable("HOLDPOINT_STORES_ODD"), root.starts_with("http")) {
        (odd, false) => odd,
        (odd, true) => odd.replace('%', "%25").replace(' ', "%20").replace('#', "%23"),
    };
    for (fixture, name) in named.chain([("flink-2.3-v1-rocksdb-native".to_owned(), odd)]) {
        let local = savepoints().join(&fixture).join("savepoint").display().to_string();
        let remote = format!("{root}/{name}/savepoint");
        let plan = savepoints().join("flink-2.3-v1/savepoint").display().to_string();
        let mut commands = vec![vec!["inspect"], vec!["check", "--plan", &plan]];
        // A web server does not list what is in a directory.
        if !root.starts_with("http") {
            commands.push(vec!["files", "--verify"]);
        }
        for command in commands {
            let of = |place: &str| {
                let arguments = [&command[..1], &[place, "--format", "json"], &command[1..]].concat();
                printed(environment, &arguments, place)
            };
            let (here, there) = (of(&local), of(&remote));
            assert!(here == there, "{fixture}: {command:?}\n{here}\n{there}");
        }
    }
}

/// The command fails with one message, and prints nothing else.
fn message(environment: Environment<'_>, arguments: &[&str]) -> String {
    let output = run(environment, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    said
}

#[test]
#[cfg(feature = "hdfs")]
fn hdfs() {
    let hdfs = variable("HOLDPOINT_STORES_HDFS");
    assert_reads_as_on_disk(&[], &format!("{hdfs}/savepoints"));
    // Without a host, `fs.defaultFS` says which; and that is what the files are called then.
    let conf = variable("HOLDPOINT_STORES_HDFS_CONF");
    let environment = [("HADOOP_CONF_DIR", conf.as_str())];
    for fixture in fixtures() {
        for command in ["inspect", "files"] {
            let of = |root: &str| {
                let place = format!("{root}/savepoints/{fixture}/savepoint");
                printed(&environment, &[command, &place, "--format", "json"], "nowhere")
            };
            assert_eq!(of("hdfs://"), of(&hdfs), "{fixture}");
        }
    }
    let missing = message(&[], &["inspect", &format!("{hdfs}/nowhere")]);
    assert!(
        missing.starts_with(&format!("error: {hdfs}/nowhere does not exist; name a savepoint's")),
        "{missing}"
    );
    let denied = message(&[("HADOOP_USER_NAME", "nobody")], &["inspect", &format!("{hdfs}/private")]);
    assert!(denied.contains("cannot be read: permission denied ("), "{denied}");
    assert!(denied.contains("user=nobody"), "{denied}");
    let guarded = format!("{hdfs}/guarded/savepoint");
    let plan = savepoints().join("flink-2.3-v1/savepoint").display().to_string();
    for arguments in [vec!["inspect", &guarded], vec!["check", &guarded, "--plan", &plan]] {
        let denied = message(&[("HADOOP_USER_NAME", "nobody")], &arguments);
        assert!(
            denied.starts_with("error: operator ") && denied.contains(" › subtask 0: hdfs://"),
            "{denied}"
        );
        assert!(
            denied.contains("cannot be read: permission denied (Permission denied: user=nobody"),
            "{denied}"
        );
    }
    let refused = message(&[], &["inspect", "hdfs://127.0.0.1:1/savepoint"]);
    assert!(refused.contains("nobody answers there ("), "{refused}");
    let unknown = message(&[], &["inspect", "hdfs://nosuch.invalid/savepoint"]);
    assert!(unknown.contains("cannot be read: no such host ("), "{unknown}");
}

/// An HDFS that lets nobody in without a ticket, and encrypts what it sends.
#[test]
#[cfg(feature = "hdfs")]
fn hdfs_behind_kerberos() {
    let hdfs = variable("HOLDPOINT_STORES_KERBEROS");
    let (conf, krb5) =
        (variable("HOLDPOINT_STORES_KERBEROS_CONF"), variable("HOLDPOINT_STORES_KERBEROS_KRB5"));
    let keytab = variable("HOLDPOINT_STORES_KERBEROS_KEYTAB");
    let cache = |name: &str| format!("{}/{name}.ticket", env!("CARGO_TARGET_TMPDIR"));
    let kinit = |cache: &str, lifetime: &str| {
        let arguments = ["-c", cache, "-l", lifetime, "-k", "-t", &keytab, "alice"];
        let kinit = Command::new("kinit").env("KRB5_CONFIG", &krb5).args(arguments).status().unwrap();
        assert!(kinit.success());
    };
    let (none, ticket, short) = (cache("none"), cache("alice"), cache("short"));
    kinit(&ticket, "1h");
    kinit(&short, "1s");
    let with = |cache| [("HADOOP_CONF_DIR", conf.as_str()), ("KRB5_CONFIG", &krb5), ("KRB5CCNAME", cache)];
    assert_reads_as_on_disk(&with(&ticket), &format!("{hdfs}/savepoints"));
    let place = format!("{hdfs}/savepoints/flink-2.3-v1/savepoint");
    let denied = message(&with(&ticket), &["inspect", &format!("{hdfs}/private/savepoint")]);
    assert!(denied.contains("permission denied (Permission denied: user=alice"), "{denied}");
    let nobody = message(&with(&none), &["inspect", &place]);
    assert!(nobody.contains("cannot be read: no credentials were found"), "{nobody}");
    // Flink's own way in, which needs no ticket.
    let flink = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kerberos/flink-conf.yaml");
    std::fs::create_dir_all(flink.parent().unwrap()).unwrap();
    let text = format!(
        "security.kerberos.login.keytab: {keytab}\nsecurity.kerberos.login.principal: alice@TEST.LOCAL\n"
    );
    std::fs::write(&flink, text).unwrap();
    let document = |place: &[&str]| {
        printed(&with(&none), &[&["inspect", "--format", "json"], place].concat(), "nowhere")
    };
    let local = savepoints().join("flink-2.3-v1/savepoint").display().to_string();
    assert_eq!(document(&[&place, "--flink-conf", &flink.display().to_string()]), document(&[&local]));
    let is_good = || {
        let klist = Command::new("klist").env("KRB5_CONFIG", &krb5).args(["-s", "-c", &short]).status();
        klist.unwrap().success()
    };
    while is_good() {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let expired = message(&with(&short), &["inspect", &place]);
    assert!(expired.contains("cannot be read: the credentials have expired ("), "{expired}");
}

/// What a real Flink wrote to HDFS reads there as its copy on disk does. The copy names files by where they were, in HDFS, so
/// it is told where they are now.
#[test]
#[cfg(feature = "hdfs")]
fn what_flink_wrote_to_hdfs() {
    let root = format!("{}/flink", variable("HOLDPOINT_STORES_HDFS"));
    let copy = variable("HOLDPOINT_STORES_COPY");
    let relocate = format!("{root}={copy}");
    let written = variable("HOLDPOINT_STORES_WRITTEN");
    let written: Vec<_> = written.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(
        written.iter().map(|it| it.0).collect::<Vec<_>>(),
        ["canonical", "native", "checkpoints", "merged", "changelog", "open"]
    );
    for (kind, there) in written.into_iter().filter(|it| it.0 != "open") {
        let here = there.replace(&root, &copy);
        let plan = written_plan(&here, &relocate);
        for command in [vec!["inspect"], vec!["check", "--plan", &plan]] {
            let of = |place: &str, more: &[&str]| {
                let arguments = [&command[..1], &[place, "--format", "json"], &command[1..], more].concat();
                printed(&[], &arguments, "nowhere")
            };
            let remote = of(there, &[]);
            assert_eq!(remote, of(&here, &["--relocate", &relocate]), "{kind}: {command:?}");
            assert!(remote.contains("count") || command[0] == "check", "{kind}");
        }
        let files = run(&[], &["files", there, "--verify"]);
        assert_eq!(files.status.code(), Some(0), "{kind}: {}", String::from_utf8_lossy(&files.stderr));
    }
}

/// HDFS counts no byte of a block that is not closed, and Hadoop's own client asks further. What is not known is no sign of a
/// file that was cut.
#[test]
#[cfg(feature = "hdfs")]
fn what_is_still_open_in_hdfs() {
    let root = format!("{}/flink", variable("HOLDPOINT_STORES_HDFS"));
    let copy = variable("HOLDPOINT_STORES_COPY");
    let written = variable("HOLDPOINT_STORES_WRITTEN");
    let there = written.lines().find_map(|line| line.strip_prefix("open ")).unwrap();
    let here = there.replace(&root, &copy);
    let plan = written_plan(&here, &format!("{root}={copy}"));
    for command in
        [vec!["inspect", there], vec!["check", there, "--plan", &plan], vec!["files", there, "--verify"]]
    {
        let said = message(&[], &command);
        assert!(said.contains(&format!(": {there}/taskowned/")), "{said}");
        assert!(
            said.contains(" cannot be read: it is empty, or is still being written (HDFS tells of 0 bytes in closed blocks); "),
            "{said}"
        );
    }
}

/// A plan file of the job, from the copy of its savepoint.
#[cfg(feature = "hdfs")]
fn written_plan(savepoint: &str, relocate: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written.yaml");
    std::fs::write(&path, printed(&[], &["plan", savepoint, "--relocate", relocate], "nowhere")).unwrap();
    path.display().to_string()
}

/// Through the nameservice and through a view of it; then the active NameNode dies in the middle of a read.
#[test]
#[cfg(feature = "hdfs")]
fn hdfs_with_a_failover() {
    use holdpoint::{catalog::StateCatalog, metadata::CheckpointMetadata, source::Source};

    let conf = variable("HOLDPOINT_STORES_HA_CONF");
    let environment = [("HADOOP_CONF_DIR", conf.as_str())];
    assert_reads_as_on_disk(&environment, "hdfs://prod/savepoints");
    assert_reads_as_on_disk(&environment, "viewfs://all/views");
    let outside = message(&environment, &["inspect", "viewfs://all/savepoints"]);
    assert!(outside.starts_with("error: viewfs://all/savepoints does not exist; "), "{outside}");
    // `tests/stores/run` sets HADOOP_CONF_DIR for this process, too.
    let fixture = "flink-2.3-v1-rocksdb-native";
    let source = Source::default();
    let location = source.savepoint(&format!("hdfs://prod/savepoints/{fixture}/savepoint")).unwrap();
    let file = location.open_metadata().unwrap();
    let metadata = CheckpointMetadata::decode(&file).unwrap();
    let failover =
        Command::new("bash").args(["-c", &variable("HOLDPOINT_STORES_FAILOVER")]).status().unwrap();
    assert!(failover.success());
    let remote = StateCatalog::read(&metadata, &location).unwrap();
    let local = savepoints().join(fixture).join("savepoint").display().to_string();
    let local = StateCatalog::open(&source.savepoint(&local).unwrap()).unwrap();
    assert_eq!(format!("{remote:?}"), format!("{local:?}"));
    assert!(remote.operators.iter().any(|operator| !operator.states.is_empty()));
}

#[test]
#[cfg(feature = "s3")]
fn s3() {
    let endpoint = variable("HOLDPOINT_STORES_S3");
    let with = |more: Environment<'_>| -> Vec<(String, String)> {
        let endpoint = [("AWS_ENDPOINT_URL", endpoint.as_str())];
        let all = endpoint.iter().chain(more);
        all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let borrowed = |owned: &[(String, String)]| -> Vec<(&'static str, &'static str)> {
        owned.iter().map(|(key, value)| (leak(key), leak(value))).collect()
    };
    let owner = borrowed(&with(OWNER));
    for scheme in ["s3", "s3a", "s3p", "s3n"] {
        assert_reads_as_on_disk(&owner, &format!("{scheme}://jobs/savepoints"));
    }
    let anonymous = borrowed(&with(&[("AWS_SKIP_SIGNATURE", "true"), ("AWS_REGION", "us-east-1")]));
    assert_reads_as_on_disk(&anonymous, "s3://public/savepoints");
    // What Flink itself is configured with.
    let conf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config.yaml");
    let text = format!(
        "s3:\n  endpoint: {endpoint}\n  path.style.access: true\n  access-key: AKIAALL\n  secret-key: secret-all\n\
         s3.entropy.key: _entropy_\nstate.savepoints.dir: s3://jobs/_entropy_/savepoints/flink-2.3-v1\n"
    );
    std::fs::write(&conf, text).unwrap();
    let conf = conf.display().to_string();
    let document =
        |place: &[&str]| printed(&[], &[&["inspect", "--format", "json"], place].concat(), "nowhere");
    let local = savepoints().join("flink-2.3-v1/savepoint").display().to_string();
    assert_eq!(document(&["savepoint", "--flink-conf", &conf]), document(&[&local]));

    let inspect = |environment: &[(&str, &str)], place: &str| message(environment, &["inspect", place]);
    let missing = inspect(&owner, "s3://jobs/nowhere");
    assert!(missing.starts_with("error: s3://jobs/nowhere does not exist; name a savepoint's"), "{missing}");
    let bucket = inspect(&owner, "s3://nowhere/savepoint");
    assert!(
        bucket.contains("cannot be read: there is no such bucket or container (NoSuchBucket: "),
        "{bucket}"
    );
    let other = borrowed(&with(&[
        ("AWS_ACCESS_KEY_ID", "AKIAOTHER"),
        ("AWS_SECRET_ACCESS_KEY", "secret-other"),
        ("AWS_REGION", "us-east-1"),
    ]));
    let denied = inspect(&other, "s3://jobs/savepoints/flink-2.3-v1/savepoint");
    assert!(denied.contains("cannot be read: permission denied ("), "{denied}");
    let wrong = borrowed(&with(&[
        ("AWS_ACCESS_KEY_ID", "AKIAALL"),
        ("AWS_SECRET_ACCESS_KEY", "wrong"),
        ("AWS_REGION", "us-east-1"),
    ]));
    let wrong = inspect(&wrong, "s3://jobs/savepoints/flink-2.3-v1/savepoint");
    assert!(
        wrong.contains("cannot be read: the store does not accept the credentials (SignatureDoesNotMatch: "),
        "{wrong}"
    );
}

/// Huawei's and Alibaba's stores speak S3; here a server of that language stands in for them.
#[test]
#[cfg(feature = "s3")]
fn obs_and_oss_settings_reach_a_server_of_s3() {
    let endpoint = variable("HOLDPOINT_STORES_S3");
    let obs: Environment<'_> = &[
        ("OBS_ENDPOINT", &endpoint),
        ("OBS_ACCESS_KEY_ID", "AKIAALL"),
        ("OBS_SECRET_ACCESS_KEY", "secret-all"),
    ];
    assert_reads_as_on_disk(obs, "obs://jobs/savepoints");
    let oss: Environment<'_> = &[
        ("OSS_ENDPOINT", &endpoint),
        ("OSS_ACCESS_KEY_ID", "AKIAALL"),
        ("OSS_ACCESS_KEY_SECRET", "secret-all"),
    ];
    assert_reads_as_on_disk(oss, "oss://jobs/savepoints");
    let none = message(&[], &["inspect", "obs://jobs/savepoints/flink-2.3-v1/savepoint"]);
    assert!(
        none.contains("OBS needs its endpoint: set OBS_ENDPOINT, or fs.obs.endpoint in --flink-conf"),
        "{none}"
    );
}

#[test]
#[cfg(feature = "gcs")]
fn gcs() {
    let url = variable("HOLDPOINT_STORES_GCS");
    let account = format!(
        r#"{{"gcs_base_url": "{url}", "disable_oauth": true, "client_email": "", "private_key": "", "private_key_id": ""}}"#
    );
    assert_reads_as_on_disk(&[("GOOGLE_SERVICE_ACCOUNT_KEY", &account)], "gs://jobs/savepoints");
}

#[test]
#[cfg(feature = "azure")]
fn azure() {
    let endpoint = format!("{}/flinkjobs", variable("HOLDPOINT_STORES_AZURE"));
    let key = variable("HOLDPOINT_STORES_AZURE_KEY");
    let with = |name, value| [("AZURE_STORAGE_ENDPOINT", endpoint.as_str()), (name, value)];
    let owner = with("AZURE_STORAGE_ACCOUNT_KEY", key.as_str());
    for (scheme, host) in [("abfss", "dfs"), ("abfs", "dfs"), ("wasbs", "blob"), ("wasb", "blob")] {
        let root = format!("{scheme}://jobs@flinkjobs.{host}.core.windows.net/savepoints");
        assert_reads_as_on_disk(&owner, &root);
    }
    let signatures = variable("HOLDPOINT_STORES_AZURE_SAS");
    let (good, expired) = signatures.split_once('\n').unwrap();
    let root = "abfss://jobs@flinkjobs.dfs.core.windows.net/savepoints";
    assert_reads_as_on_disk(&with("AZURE_STORAGE_SAS_TOKEN", good), root);
    // What Flink itself is configured with.
    let local = savepoints().join("flink-2.3-v1/savepoint").display().to_string();
    let conf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("azure/config.yaml");
    std::fs::create_dir_all(conf.parent().unwrap()).unwrap();
    for setting in [
        format!("fs.azure.account.key.flinkjobs.blob.core.windows.net: {key}"),
        format!("fs.azure.sas.fixed.token.flinkjobs.dfs.core.windows.net: '{good}'"),
        format!("fs.azure.sas.jobs.flinkjobs.blob.core.windows.net: '{good}'"),
    ] {
        let place = format!("execution:\n  checkpointing:\n    savepoint-dir: {root}/flink-2.3-v1\n");
        std::fs::write(&conf, format!("{setting}\n{place}")).unwrap();
        let environment = [("AZURE_STORAGE_ENDPOINT", endpoint.as_str())];
        let conf = conf.display().to_string();
        let document = |place: &[&str]| {
            printed(&environment, &[&["inspect", "--format", "json"], place].concat(), "nowhere")
        };
        assert_eq!(document(&["savepoint", "--flink-conf", &conf]), document(&[&local]), "{setting}");
    }
    let inspect = |environment: Environment<'_>, place: &str| message(environment, &["inspect", place]);
    let savepoint = format!("{root}/flink-2.3-v1/savepoint");
    let missing = inspect(&owner, &format!("{root}/nowhere"));
    assert!(missing.starts_with(&format!("error: {root}/nowhere does not exist; name a savep")), "{missing}");
    let container = inspect(&owner, "abfss://nowhere@flinkjobs.dfs.core.windows.net/savepoint");
    assert!(container.contains("there is no such bucket or container (ContainerNotFound: "), "{container}");
    let wrong = inspect(&with("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc="), &savepoint);
    assert!(wrong.contains("the store does not accept the credentials (AuthorizationFailure: "), "{wrong}");
    // Azure itself says that the signature is late; its emulator does not.
    let late = inspect(&with("AZURE_STORAGE_SAS_TOKEN", expired), &savepoint);
    assert!(late.contains("the store does not accept the credentials (AuthorizationFailure: "), "{late}");
}

#[test]
#[cfg(feature = "http")]
fn http() {
    assert_reads_as_on_disk(&[], &format!("{}/savepoints", variable("HOLDPOINT_STORES_HTTP")));
}

#[cfg(feature = "s3")]
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
