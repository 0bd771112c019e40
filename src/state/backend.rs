//! The state backends, of which each has a format of its own beside the canonical one.

/// Where a job keeps its keyed state while it runs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum StateBackend {
    /// `HashMapStateBackend`, on the heap.
    #[value(name = "hashmap")]
    HashMap,
    /// `EmbeddedRocksDBStateBackend`.
    #[value(name = "rocksdb")]
    RocksDb,
    /// `ForStStateBackend` of Flink 2.x, which reads what RocksDB wrote and no other.
    #[value(name = "forst")]
    ForSt,
}

impl StateBackend {
    /// The backend's name in reports and plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::HashMap => "hashmap",
            Self::RocksDb => "rocksdb",
            Self::ForSt => "forst",
        }
    }
}
