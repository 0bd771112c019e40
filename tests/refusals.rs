//! What is said when a store does not give what is asked for: one message, which names the place, what the store said and
//! what to try; status 2, and no document.

use crate::support::http_server::{Behaviour, HttpServer};
use crate::support::{savepoint, savepoint_files};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Command;

const FIXTURE: &str = "flink-2.3-v1-rocksdb-native";

/// A store of objects that the server plays: where its files are, what a client is told of it, and a savepoint's URI in it.
struct Played {
    root: &'static str,
    environment: fn(&str) -> Vec<(&'static str, String)>,
    uri: &'static str,
}

const S3: Played = Played {
    root: "/bucket/jobs",
    environment: |url| {
        vec![
            ("AWS_ENDPOINT_URL", url.to_owned()),
            ("AWS_ACCESS_KEY_ID", "id".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_REGION", "eu-1".to_owned()),
        ]
    },
    uri: "s3://bucket/jobs",
};

const OSS: Played = Played {
    root: "/bucket/jobs",
    environment: |url| {
        vec![
            ("OSS_ENDPOINT", url.to_owned()),
            ("OSS_ACCESS_KEY_ID", "id".to_owned()),
            ("OSS_ACCESS_KEY_SECRET", "secret".to_owned()),
        ]
    },
    uri: "oss://bucket/jobs",
};

const AZURE: Played = Played {
    root: "/account/container/jobs",
    environment: |url| {
        vec![
            ("AZURE_STORAGE_ENDPOINT", format!("{url}/account")),
            ("AZURE_STORAGE_ACCOUNT_KEY", "a2V5".to_owned()),
        ]
    },
    uri: "abfss://container@account.dfs.core.windows.net/jobs",
};

const GCS: Played = Played {
    root: "/bucket/jobs",
    environment: |url| {
        let account = format!(
            r#"{{"gcs_base_url": "{url}", "disable_oauth": true, "client_email": "", "private_key": "", "private_key_id": ""}}"#
        );
        vec![("GOOGLE_SERVICE_ACCOUNT_KEY", account)]
    },
    uri: "gs://bucket/jobs",
};

impl Played {
    /// Runs a command on a server that behaves so: status, output, message.
    fn run(
        &self,
        arguments: &[&str],
        behaviour: impl Fn(&str) -> Behaviour + Send + Sync + 'static,
    ) -> (Option<i32>, String, String) {
        let files = savepoint_files(FIXTURE).into_iter();
        let files: BTreeMap<_, _> =
            files.map(|(name, bytes)| (format!("{}/{name}", self.root), bytes)).collect();
        let server = HttpServer::start(files, behaviour);
        run(&(self.environment)(&server.url), arguments)
    }

    /// What is said of the `_metadata` file when the whole store answers so.
    fn says(&self, status: u16, text: &'static str) -> String {
        let (status, document, said) = self
            .run(&["inspect", self.uri, "--store-timeout", "60"], move |_| Behaviour::Explains(status, text));
        assert_eq!((status, document.as_str()), (Some(2), ""), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let of_metadata = format!("error: {}/_metadata cannot be read: ", self.uri);
        let of_directory = format!("error: {} cannot be read: ", self.uri);
        let message = said.strip_prefix(&of_metadata).or_else(|| said.strip_prefix(&of_directory));
        message.unwrap_or_else(|| panic!("{said}")).trim_end().to_owned()
    }
}

/// Status, output and message of a command with nothing in its environment that leads to a store but this.
fn run(environment: &[(&str, String)], arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    let of_a_store = |name: &str| {
        ["AWS_", "AZURE_", "GOOGLE_", "HADOOP_", "OBS_", "OSS_"].iter().any(|start| name.starts_with(start))
    };
    for (name, _) in std::env::vars().filter(|(name, _)| of_a_store(name)) {
        command.env_remove(name);
    }
    command.env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null").env("AWS_CONFIG_FILE", "/dev/null");
    let output = command.envs(environment.iter().cloned()).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn each_store_reads_as_the_disk_does() {
    let local = run(&[], &["inspect", &savepoint(FIXTURE), "--format", "json"]).1;
    for store in [S3, OSS, AZURE, GCS] {
        let (status, document, said) =
            store.run(&["inspect", store.uri, "--format", "json"], |_| Behaviour::Answers);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{}", store.uri);
        assert_eq!(document, local, "{}", store.uri);
    }
}

#[test]
fn what_a_store_says_is_understood() {
    let error = |code: &str, message: &str| -> &'static str {
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>")
            .leak()
    };
    for (store, status, code, message, what, hint) in [
        (
            S3,
            400,
            "ExpiredToken",
            "The provided token has expired.",
            "the credentials have expired",
            "get new ones",
        ),
        (S3, 403, "InvalidAccessKeyId", "No such key.", "the store does not accept the credentials", CHECK),
        (S3, 403, "SignatureDoesNotMatch", "Not yours.", "the store does not accept the credentials", CHECK),
        (S3, 403, "RequestTimeTooSkewed", "Late.", "the store does not accept the credentials", CHECK),
        (S3, 403, "AccessDenied", "Access Denied", "permission denied", DENIED),
        (
            S3,
            400,
            "AuthorizationHeaderMalformed",
            "expecting 'eu-2'",
            "the bucket is in another region",
            REGION,
        ),
        (S3, 404, "NoSuchBucket", "No such bucket.", "there is no such bucket or container", BUCKET),
        (OSS, 403, "SecurityTokenExpired", "Expired.", "the credentials have expired", "get new ones"),
        (OSS, 403, "InvalidAccessKeyId", "No such key.", "the store does not accept the credentials", CHECK),
        (
            AZURE,
            404,
            "ContainerNotFound",
            "No such container.",
            "there is no such bucket or container",
            BUCKET,
        ),
        (AZURE, 403, "AuthorizationPermissionMismatch", "Not allowed.", "permission denied", DENIED),
        (AZURE, 403, "AuthenticationFailed", "No.", "the store does not accept the credentials", CHECK),
        (GCS, 403, "AccessDenied", "Access denied.", "permission denied", DENIED),
        (GCS, 404, "NoSuchBucket", "No such bucket.", "there is no such bucket or container", BUCKET),
    ] {
        let said = store.says(status, error(code, message));
        assert_eq!(said, format!("{what} ({code}: {message}); {hint}"), "{}", store.uri);
    }
    let expired = "<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.\nRequestId:1</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Expiry [yesterday]</AuthenticationErrorDetail></Error>";
    assert_eq!(
        AZURE.says(403, expired),
        "the credentials have expired (AuthenticationFailed: Server failed to authenticate the request. Signature not valid in the specified time frame: Expiry [yesterday]); get new ones"
    );
    // What has no text is told by its status.
    assert!(GCS.says(401, "").starts_with("the store does not accept the credentials ("));
    assert!(S3.says(301, "").starts_with("the bucket is in another region ("));
    assert!(S3.says(503, error("SlowDown", "Slow.")).starts_with("the store has too much to do ("));
    assert!(S3.says(429, "").starts_with("the store has too much to do ("));
}

const CHECK: &str = "check which ones are used (docs/stores.md)";
const DENIED: &str = "ask for the right to read it, or use other credentials";
const REGION: &str = "set the region and the endpoint";
const BUCKET: &str = "check its name, the region and the endpoint";

/// Whatever happens to a state file is said of it and of its operator, by each command that asks for it.
#[test]
fn a_message_about_a_state_file_says_whose_it_is() {
    let state = |path: &str| path.starts_with(S3.root) && !path.ends_with("_metadata") && !path.contains('?');
    let plan = savepoint("flink-2.3-v1");
    for (status, text, what) in [
        (
            403,
            "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>",
            "permission denied (AccessDenied: No.)",
        ),
        (
            400,
            "<Error><Code>ExpiredToken</Code><Message>Old.</Message></Error>",
            "the credentials have expired (ExpiredToken: Old.)",
        ),
        (
            503,
            "<Error><Code>SlowDown</Code><Message>Slow.</Message></Error>",
            "the store has too much to do (",
        ),
    ] {
        for arguments in [
            vec!["inspect", S3.uri],
            vec!["check", S3.uri, "--plan", &plan],
            vec!["files", S3.uri, "--verify"],
        ] {
            let (code, document, said) = S3.run(&arguments, move |path| {
                if state(path) { Behaviour::Explains(status, text) } else { Behaviour::Answers }
            });
            assert_eq!((code, document.as_str()), (Some(2), ""), "{arguments:?}: {said}");
            assert!(said.starts_with("error: operator "), "{arguments:?}: {said}");
            assert!(said.contains(" › subtask 0: s3://bucket/jobs/"), "{arguments:?}: {said}");
            assert!(said.contains(&format!(" cannot be read: {what}")), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn no_credentials_are_said_to_be_none() {
    // Nobody listens where a machine of Amazon's is given its own.
    let environment = [("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1".to_owned())];
    let (status, _, said) = run(&environment, &["inspect", "s3://bucket/jobs"]);
    assert_eq!(status, Some(2));
    assert!(
        said.contains("cannot be read: no credentials were found, and this machine is given none ("),
        "{said}"
    );
    assert!(said.ends_with("; set them (docs/stores.md)\n"), "{said}");
}

/// HDFS has a protocol of its own.
#[test]
#[cfg(feature = "hdfs")]
fn a_namenode_that_is_none() {
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    let hangs_up = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = |listener: &TcpListener| format!("hdfs://{}/savepoint", listener.local_addr().unwrap());
    let (hanging, hanging_up) = (address(&hangs), address(&hangs_up));
    std::thread::spawn(move || hangs_up.incoming().for_each(drop));
    for (uri, what) in [
        (
            hanging.as_str(),
            "no answer came in time (after 2 s); try again, or give it more with --store-timeout",
        ),
        (hanging_up.as_str(), "the store failed ("),
        ("hdfs://127.0.0.1:1/savepoint", "nobody answers there ("),
        ("hdfs://no-such-host.invalid/savepoint", "no such host ("),
        ("hdfs:///savepoint", "it is not known how to reach the store ("),
        ("viewfs://table/savepoint", "it is not known how to reach the store ("),
    ] {
        let patience = if uri == hanging { "2" } else { "60" };
        let (status, document, said) = run(&[], &["inspect", uri, "--store-timeout", patience]);
        assert_eq!((status, document.as_str()), (Some(2), ""), "{said}");
        assert!(said.starts_with(&format!("error: {uri}/_metadata cannot be read: {what}")), "{said}");
    }
    drop(hangs);
}
