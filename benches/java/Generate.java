import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointRetentionPolicy;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredOperatorStateBackendMetaInfo;
import org.apache.flink.runtime.state.StateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/**
 * Writes one large checkpoint: its {@code _metadata} through {@code Checkpoints.storeCheckpointMetadata}, and the
 * state files that hold a header. The same seed gives the same bytes in the same directory.
 *
 * <p>Arguments: shape, operators, subtasks of each, directory. The directory of the checkpoint is
 * {@code DIRECTORY/chk-42}.
 */
public final class Generate {
    private static final long SEED = 20260101;
    private static final long CHECKPOINT = 42;

    private final Shape shape;
    private final int subtasks;
    private final Path exclusive;
    private final Path shared;
    private final SplittableRandom random = new SplittableRandom(SEED);

    /** What an operator's subtasks hold. */
    private enum Shape {
        /** Heap keyed state of 64 key groups a subtask, and operator state, each in a file of its own. */
        WIDE,
        /** An incremental RocksDB checkpoint: a meta file, 60 shared files and 2 private ones a subtask. */
        ROCKSDB,
        /** Operator state with many offsets, and keyed state, both inline in the _metadata file. */
        INLINE
    }

    private Generate(Shape shape, int subtasks, Path directory) throws IOException {
        this.shape = shape;
        this.subtasks = subtasks;
        this.exclusive = Files.createDirectories(directory.resolve("chk-" + CHECKPOINT));
        this.shared = directory.resolve("shared");
    }

    public static void main(String[] arguments) throws IOException {
        Shape shape = Shape.valueOf(arguments[0].toUpperCase());
        int operators = Integer.parseInt(arguments[1]);
        Generate generate = new Generate(shape, Integer.parseInt(arguments[2]), Path.of(arguments[3]));
        CheckpointProperties properties =
                CheckpointProperties.forCheckpoint(CheckpointRetentionPolicy.RETAIN_ON_CANCELLATION);
        CheckpointMetadata metadata =
                new CheckpointMetadata(
                        CHECKPOINT, generate.operators(operators), Collections.emptyList(), properties);
        Path file = generate.exclusive.resolve("_metadata");
        try (DataOutputStream output =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            Checkpoints.storeCheckpointMetadata(metadata, output);
        }
    }

    /** Makes each operator when it is written, so that the largest file needs no more memory than the smallest. */
    private Collection<OperatorState> operators(int count) {
        return new AbstractCollection<OperatorState>() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public Iterator<OperatorState> iterator() {
                return IntStream.range(0, count).mapToObj(Generate.this::operator).iterator();
            }
        };
    }

    private OperatorState operator(int number) {
        try {
            return operatorOf(number);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private OperatorState operatorOf(int number) throws IOException {
        int keyGroups = shape == Shape.INLINE ? 8 : shape == Shape.WIDE ? 64 : 4;
        OperatorState operator =
                new OperatorState(
                        new OperatorID(random.nextLong(), random.nextLong()), subtasks, keyGroups * subtasks);
        if (number % 10 == 0) {
            operator.setCoordinatorState(inline(new byte[0], 120));
        }
        byte[] keyedHeader = keyedHeader(number);
        byte[] operatorHeader = operatorHeader(number);
        StateFile keyedFile = shape == Shape.INLINE ? null : new StateFile(keyedHeader);
        StateFile operatorFile = shape == Shape.WIDE ? new StateFile(operatorHeader) : null;
        for (int subtask = 0; subtask < subtasks; subtask++) {
            KeyGroupRange range = KeyGroupRange.of(subtask * keyGroups, (subtask + 1) * keyGroups - 1);
            OperatorSubtaskState.Builder state = OperatorSubtaskState.builder();
            switch (shape) {
                case WIDE:
                    state.setManagedKeyedState(keyGroups(range, keyedFile.link()));
                    state.setManagedOperatorState(operatorState(number, 2, operatorFile.link()));
                    break;
                case ROCKSDB:
                    state.setManagedKeyedState(incremental(range, keyedFile.link()));
                    break;
                case INLINE:
                    state.setManagedKeyedState(keyGroups(range, inline(keyedHeader, 1000 + random.nextInt(5000))));
                    state.setManagedOperatorState(
                            operatorState(number, 100 + random.nextInt(150), inline(operatorHeader, 1500)));
                    break;
            }
            operator.putState(subtask, state.build());
        }
        return operator;
    }

    private KeyGroupsStateHandle keyGroups(KeyGroupRange range, StreamStateHandle stream) {
        long[] offsets = new long[range.getNumberOfKeyGroups()];
        long step = Math.max(1, stream.getStateSize() / offsets.length);
        for (int group = 0; group < offsets.length; group++) {
            offsets[group] = group * step;
        }
        return KeyGroupsStateHandle.restore(new KeyGroupRangeOffsets(range, offsets), stream, handleId());
    }

    private OperatorStateHandle operatorState(int number, int elements, StreamStateHandle stream) {
        Map<String, OperatorStateHandle.StateMetaInfo> states = new LinkedHashMap<>();
        long[] offsets = IntStream.range(0, elements).mapToLong(element -> 40 + 8L * element).toArray();
        states.put(
                "offsets-" + number,
                new OperatorStateHandle.StateMetaInfo(offsets, OperatorStateHandle.Mode.SPLIT_DISTRIBUTE));
        states.put(
                "splits-" + number,
                new OperatorStateHandle.StateMetaInfo(new long[] {40}, OperatorStateHandle.Mode.UNION));
        return new OperatorStreamStateHandle(states, stream);
    }

    private IncrementalRemoteKeyedStateHandle incremental(KeyGroupRange range, StreamStateHandle meta) {
        List<HandleAndLocalPath> sharedFiles = new ArrayList<>();
        for (int file = 0; file < 60; file++) {
            sharedFiles.add(sst(shared, String.format("%06d.sst", file + 100), 1 << 26));
        }
        List<HandleAndLocalPath> privateFiles =
                List.of(sst(exclusive, "MANIFEST-000004", 1 << 12), sst(exclusive, "OPTIONS-000007", 1 << 12));
        return IncrementalRemoteKeyedStateHandle.restore(
                uuid(), range, CHECKPOINT, sharedFiles, privateFiles, meta, 1 << 20, handleId());
    }

    /** A file of the database, which nothing here reads, so it does not exist. */
    private HandleAndLocalPath sst(Path directory, String name, int size) {
        return HandleAndLocalPath.of(
                new FileStateHandle(flinkPath(directory.resolve(uuid().toString())), random.nextInt(size)), name);
    }

    private ByteStreamStateHandle inline(byte[] header, int length) {
        byte[] data = new byte[header.length + length];
        random.nextBytes(data);
        System.arraycopy(header, 0, data, 0, header.length);
        return new ByteStreamStateHandle(uuid().toString(), data);
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private StateHandleID handleId() {
        return new StateHandleID(uuid().toString());
    }

    private static org.apache.flink.core.fs.Path flinkPath(Path path) {
        return new org.apache.flink.core.fs.Path(path.toUri());
    }

    /** The state file of one operator: a header, and a hole behind it. Each subtask has a link to it. */
    private final class StateFile {
        private final byte[] header;
        private final long length;
        private Path first;

        StateFile(byte[] header) {
            this.header = header;
            // The meta file of a RocksDB checkpoint is a header and no more.
            this.length = shape == Shape.ROCKSDB ? header.length : header.length + random.nextInt(1 << 24);
        }

        FileStateHandle link() throws IOException {
            Path path = exclusive.resolve(uuid().toString());
            if (first == null) {
                first = path;
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                    file.write(header);
                    file.setLength(length);
                }
            } else {
                Files.createLink(path, first);
            }
            return new FileStateHandle(flinkPath(path), length);
        }
    }

    private static byte[] keyedHeader(int number) throws IOException {
        List<StateMetaInfoSnapshot> states = new ArrayList<>();
        states.add(keyed(StateDescriptor.Type.VALUE, "balance-" + number, LongSerializer.INSTANCE));
        states.add(keyed(StateDescriptor.Type.VALUE, "name-" + number, StringSerializer.INSTANCE));
        states.add(keyed(StateDescriptor.Type.LIST, "recent", new ListSerializer<>(LongSerializer.INSTANCE)));
        states.add(
                keyed(
                        StateDescriptor.Type.MAP,
                        "by-day",
                        new MapSerializer<>(StringSerializer.INSTANCE, IntSerializer.INSTANCE)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new KeyedBackendSerializationProxy<>(StringSerializer.INSTANCE, states, false)
                .write(new DataOutputViewStreamWrapper(bytes));
        return bytes.toByteArray();
    }

    private static StateMetaInfoSnapshot keyed(
            StateDescriptor.Type type, String name, TypeSerializer<?> serializer) {
        return new RegisteredKeyValueStateBackendMetaInfo<>(
                        type, name, VoidNamespaceSerializer.INSTANCE, serializer)
                .snapshot();
    }

    private static byte[] operatorHeader(int number) throws IOException {
        List<StateMetaInfoSnapshot> states =
                List.of(
                        operator("offsets-" + number, OperatorStateHandle.Mode.SPLIT_DISTRIBUTE),
                        operator("splits-" + number, OperatorStateHandle.Mode.UNION));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new OperatorBackendSerializationProxy(states, List.of(), false)
                .write(new DataOutputViewStreamWrapper(bytes));
        return bytes.toByteArray();
    }

    private static StateMetaInfoSnapshot operator(String name, OperatorStateHandle.Mode mode) {
        return new RegisteredOperatorStateBackendMetaInfo<>(name, LongSerializer.INSTANCE, mode).snapshot();
    }
}
