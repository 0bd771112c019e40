import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;

/**
 * Times Flink's own reading of a {@code _metadata} file, buffered, which is faster than how Flink itself calls it.
 *
 * <p>Arguments: a file, loads to warm up with. Then one load for each line of the standard input, answered with the
 * milliseconds of CPU of the loading thread; the totals at the end. With one line and no warm-up, the process is the
 * cold peer.
 */
public final class Load {
    private long bytes;
    private long handles;

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        for (int load = 0; load < Integer.parseInt(arguments[1]); load++) {
            load(file);
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        CheckpointMetadata metadata = null;
        while (lines.readLine() != null) {
            metadata = null;
            long before = threads.getCurrentThreadCpuTime();
            metadata = load(file);
            long after = threads.getCurrentThreadCpuTime();
            System.out.printf("thread_ms %.4f%n", (after - before) / 1e6);
        }
        Load totals = new Load();
        metadata.getOperatorStates().forEach(totals::add);
        System.out.printf("totals %d handles, %d bytes%n", totals.handles, totals.bytes);
    }

    private static CheckpointMetadata load(Path file) throws IOException {
        try (DataInputStream input =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            return Checkpoints.loadCheckpointMetadata(
                    input, Load.class.getClassLoader(), file.getParent().toUri().toString());
        }
    }

    /** A handle is a stream of bytes that is referred to: inline, or a file. */
    private void add(OperatorState operator) {
        bytes += operator.getStateSize();
        handles += operator.getCoordinatorState() == null ? 0 : 1;
        for (OperatorSubtaskState subtask : operator.getStates()) {
            handles += subtask.getManagedOperatorState().size() + subtask.getRawOperatorState().size();
            for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
                handles += 1;
                if (handle instanceof IncrementalRemoteKeyedStateHandle) {
                    IncrementalRemoteKeyedStateHandle files = (IncrementalRemoteKeyedStateHandle) handle;
                    handles += files.getSharedState().size() + files.getPrivateState().size();
                }
            }
        }
    }
}
