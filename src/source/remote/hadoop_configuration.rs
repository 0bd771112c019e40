//! Hadoop's configuration, as far as the client does not see to it.

use crate::source::Uri;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a `NameNode` listens if nothing says otherwise (`HdfsClientConfigKeys.DFS_NAMENODE_RPC_PORT_DEFAULT`).
const PORT: u16 = 8020;
/// What the names of the links of views start with.
const MOUNT_TABLES: &str = "fs.viewfs.mounttable.";
/// A path that no file system has, for what no link of a view leads to.
const NOWHERE: &str = "/.not-in-the-view";

/// The properties of `core-site.xml` and `hdfs-site.xml`.
#[derive(Debug, Default)]
pub(super) struct HadoopConfiguration(BTreeMap<String, String>);

impl HadoopConfiguration {
    /// Reads the directory that `HADOOP_CONF_DIR` names, or that of `HADOOP_HOME`. The client reads it, too, and says what is
    /// wrong with it.
    pub(super) fn read() -> Self {
        let directory = std::env::var_os("HADOOP_CONF_DIR").map(PathBuf::from);
        let home = || std::env::var_os("HADOOP_HOME").map(|home| PathBuf::from(home).join("etc/hadoop"));
        let mut configuration = Self::default();
        if let Some(directory) = directory.or_else(home) {
            for name in ["core-site.xml", "hdfs-site.xml"] {
                configuration.add(&std::fs::read_to_string(directory.join(name)).unwrap_or_default());
            }
        }
        configuration
    }

    fn add(&mut self, text: &str) {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let Ok(document) = roxmltree::Document::parse_with_options(text, options) else { return };
        for property in document.root_element().children().filter(|it| it.has_tag_name("property")) {
            let text = |name: &str| property.children().find(|it| it.has_tag_name(name))?.text();
            if let (Some(name), Some(value)) = (text("name"), text("value")) {
                self.0.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    /// Whether a property is set whose name starts so.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.0.range(name.to_owned()..).next().is_some_and(|(found, _)| found.starts_with(name))
    }

    /// The authority of `fs.defaultFS`, if that is of this scheme.
    pub(super) fn default_authority(&self, scheme: &str) -> Option<String> {
        let rest = self.0.get("fs.defaultFS")?.strip_prefix(scheme)?.strip_prefix("://")?;
        Some(rest.split('/').next()?.to_owned())
    }

    /// What to connect to. The client takes every name without a port for a nameservice.
    pub(super) fn address(&self, uri: &Uri) -> String {
        let is_host = uri.scheme == "hdfs" && !uri.authority.is_empty();
        if is_host { self.with_port(&uri.authority) } else { uri.authority.clone() }
    }

    fn with_port(&self, authority: &str) -> String {
        let has_port = authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
        let is_nameservice = self.0.contains_key(&format!("dfs.ha.namenodes.{authority}"));
        if has_port || is_nameservice { authority.to_owned() } else { format!("{authority}:{PORT}") }
    }

    /// Properties that make views complete: links to hosts with their ports, and one for the rest, without which the client
    /// refuses a view, as Hadoop's own does not.
    pub(super) fn complete_views(&self) -> Vec<(String, String)> {
        let links =
            self.0.range(MOUNT_TABLES.to_owned()..).take_while(|(name, _)| name.starts_with(MOUNT_TABLES));
        let mut more = BTreeMap::new();
        for (name, target) in links {
            let Some(rest) = target.strip_prefix("hdfs://") else { continue };
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let address = self.with_port(authority);
            more.insert(name.clone(), format!("hdfs://{address}/{path}"));
            let table = name.get(MOUNT_TABLES.len()..).and_then(|rest| rest.split_once(".link"));
            if let Some((table, _)) = table {
                let fallback = format!("{MOUNT_TABLES}{table}.linkFallback");
                if !self.0.contains_key(&fallback) {
                    more.entry(fallback).or_insert_with(|| format!("hdfs://{address}{NOWHERE}"));
                }
            }
        }
        more.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"<?xml version="1.0"?>
<?xml-stylesheet type="text/xsl" href="configuration.xsl"?>
<configuration>
  <property><name>fs.defaultFS</name><value> hdfs://prod </value></property>
  <property><name>dfs.ha.namenodes.prod</name><value>nn1,nn2</value><final>true</final></property>
  <property><name>fs.viewfs.mounttable.all.link./a</name><value>hdfs://prod/x</value></property>
  <property><name>fs.viewfs.mounttable.all.link./b</name><value>hdfs://host/y</value></property>
  <property><name>fs.viewfs.mounttable.whole.link./b</name><value>hdfs://host:1/y</value></property>
  <property><name>fs.viewfs.mounttable.whole.linkFallback</name><value>hdfs://prod/</value></property>
</configuration>"#;

    #[test]
    fn a_name_without_a_port_is_a_nameservice_or_a_host() {
        let mut hadoop = HadoopConfiguration::default();
        hadoop.add(TEXT);
        assert_eq!(hadoop.default_authority("hdfs").as_deref(), Some("prod"));
        assert_eq!(hadoop.default_authority("viewfs"), None);
        assert!(hadoop.sets("dfs.ha.namenodes") && !hadoop.sets("dfs.client"));
        for (authority, address) in [
            ("prod", "prod"),
            ("host", "host:8020"),
            ("host:9000", "host:9000"),
            ("[::1]", "[::1]:8020"),
            ("[::1]:9000", "[::1]:9000"),
        ] {
            assert_eq!(hadoop.with_port(authority), address);
        }
    }

    #[test]
    fn views_are_completed() {
        let mut hadoop = HadoopConfiguration::default();
        hadoop.add(TEXT);
        let views = hadoop.complete_views();
        let views: Vec<_> =
            views.iter().map(|(name, target)| (&name[MOUNT_TABLES.len()..], target.as_str())).collect();
        assert_eq!(
            views,
            [
                ("all.link./a", "hdfs://prod/x"),
                ("all.link./b", "hdfs://host:8020/y"),
                ("all.linkFallback", "hdfs://prod/.not-in-the-view"),
                ("whole.link./b", "hdfs://host:1/y"),
                ("whole.linkFallback", "hdfs://prod/"),
            ]
        );
    }
}
