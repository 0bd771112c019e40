import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/**
 * A real Flink that keeps its checkpoints and savepoints in a store.
 *
 * <p>{@code write DIRECTORY} runs a job on RocksDB with incremental checkpoints and prints where a native savepoint, a canonical
 * one, and the checkpoints of the cancelled job are; then the job with merged files, and with a changelog; and last a job whose
 * merged files stay open from one checkpoint to the next, which dies as it runs. {@code dispose POINTER…} does what {@code flink
 * savepoint -d} does, with one after the other.
 */
public final class WriteToStore {
    private WriteToStore() {}

    public static void main(String[] args) throws Exception {
        FileSystem.initialize(new Configuration(), null);
        if (args[0].equals("dispose")) {
            for (String pointer : Arrays.asList(args).subList(1, args.length)) {
                Checkpoints.disposeSavepoint(
                        pointer, new FileSystemCheckpointStorage(pointer), WriteToStore.class.getClassLoader());
            }
        } else {
            String directory = args[1];
            write("checkpoints", directory, true, configuration(directory));
            Configuration merged = configuration(directory);
            merged.setString("state.backend.type", "hashmap");
            merged.setString("execution.checkpointing.file-merging.enabled", "true");
            write("merged", directory, false, merged);
            Configuration open = new Configuration(merged);
            open.setString("execution.checkpointing.file-merging.across-checkpoint-boundary", "true");
            Configuration changelog = configuration(directory);
            changelog.setString("state.changelog.enabled", "true");
            changelog.setString("state.changelog.storage", "filesystem");
            changelog.setString("dstl.dfs.base-path", directory + "/changelog");
            write("changelog", directory, false, changelog);
            try (MiniCluster cluster = cluster(open)) {
                System.out.println("open " + start(cluster, directory, open));
                // Nothing is closed behind it.
                System.out.flush();
                Runtime.getRuntime().halt(0);
            }
        }
        System.exit(0);
    }

    private static Configuration configuration(String directory) {
        Configuration configuration = new Configuration();
        configuration.setString("state.backend.type", "rocksdb");
        configuration.setString("state.backend.incremental", "true");
        configuration.setString("state.storage.fs.memory-threshold", "0");
        configuration.setString("state.checkpoints.dir", directory + "/checkpoints");
        // They are taken when it is time: one that the end of the job interrupts may leave files open.
        configuration.setString("execution.checkpointing.interval", "365d");
        configuration.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        // Little in flight, for a barrier waits behind it.
        configuration.setString("taskmanager.memory.segment-size", "4kb");
        configuration.setString("restart-strategy.type", "none");
        configuration.setString("rest.bind-port", "0");
        configuration.setString("rest.address", "localhost");
        return configuration;
    }

    private static void write(String name, String directory, boolean savepoints, Configuration configuration)
            throws Exception {
        try (MiniCluster cluster = cluster(configuration)) {
            Path checkpoints = start(cluster, directory, configuration);
            JobID job = JobID.fromHexString(checkpoints.getName());
            for (SavepointFormatType format : savepoints ? SavepointFormatType.values() : new SavepointFormatType[0]) {
                String path = cluster.triggerSavepoint(job, directory, false, format).get();
                System.out.println(format.name().toLowerCase() + " " + path);
            }
            // Merged files are closed when the tasks hear that the checkpoint is complete.
            while (hasOpenFile(checkpoints)) {
                Thread.sleep(100);
            }
            cluster.cancelJob(job).get();
            cluster.requestJobResult(job).get();
            System.out.println(name + " " + checkpoints);
        }
    }

    private static MiniCluster cluster(Configuration configuration) {
        return new MiniCluster(
                new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumSlotsPerTaskManager(2)
                        .build());
    }

    /** Runs the job until it has two checkpoints, of which the second shares files with the first; gives where they are. */
    private static Path start(MiniCluster cluster, String directory, Configuration configuration) throws Exception {
        cluster.start();
        JobID job = cluster.submitJob(graph(configuration)).get().getJobID();
        int completed = 0;
        while (completed < 2) {
            try {
                cluster.triggerCheckpoint(job, CheckpointType.CONFIGURED).get();
                completed++;
            } catch (ExecutionException refused) {
                // Not every task runs yet, unless the job failed.
                if (cluster.getJobStatus(job).get().isTerminalState()) {
                    throw refused;
                }
                Thread.sleep(100);
            }
        }
        return new Path(directory + "/checkpoints/" + job);
    }

    private static boolean hasOpenFile(Path directory) throws Exception {
        try (org.apache.hadoop.fs.FileSystem files =
                org.apache.hadoop.fs.FileSystem.newInstance(directory.toUri(), new org.apache.hadoop.conf.Configuration())) {
            var found = files.listFiles(new org.apache.hadoop.fs.Path(directory.toUri()), true);
            while (found.hasNext()) {
                if (!((DistributedFileSystem) files).isFileClosed(found.next().getPath())) {
                    return true;
                }
            }
            return false;
        }
    }

    private static JobGraph graph(Configuration configuration) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.fromSequence(0, Long.MAX_VALUE)
                .uid("numbers")
                .keyBy(number -> number % 1000)
                .process(new Count())
                .uid("count")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return env.getStreamGraph().getJobGraph();
    }

    /** Counts the numbers of each key, slowly. */
    public static final class Count extends KeyedProcessFunction<Long, Long, Long> {
        private transient ValueState<Long> count;

        @Override
        public void open(org.apache.flink.api.common.functions.OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            Thread.sleep(1);
        }
    }
}
