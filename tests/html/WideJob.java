import java.io.FileOutputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** WideJob DIRECTORY: a savepoint of a job of 500 operators, and the job graph of its next version. */
final class WideJob {
    private static final int PIPELINES = 25;
    private static final int STAGES = 3;
    private static final int MAPS = 5;

    private WideJob() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        StreamExecutionEnvironment next = environment();
        define(next, true);
        try (ObjectOutputStream out = new ObjectOutputStream(new FileOutputStream(directory.resolve("next.graph").toFile()))) {
            out.writeObject(next.getStreamGraph().getJobGraph());
        }
        StreamExecutionEnvironment running = environment();
        define(running, false);
        System.out.println(TestSavepoint.take(running, directory.resolve("savepoints")));
    }

    private static StreamExecutionEnvironment environment() {
        Configuration configuration = new Configuration();
        // Hundreds of channels in one process.
        configuration.setString("taskmanager.memory.segment-size", "4kb");
        return StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
    }

    /** The next version has other uids in two stages, one pipeline less and one more. */
    private static void define(StreamExecutionEnvironment env, boolean isNext) {
        for (int number = isNext ? 1 : 0; number < (isNext ? PIPELINES + 1 : PIPELINES); number++) {
            String pipeline = String.format("pipeline-%02d", number);
            DataStream<Long> stream = env.fromSequence(0, Long.MAX_VALUE).uid(pipeline + "-source").name("orders " + number)
                    .map(new Slow()).uid(pipeline + "-slow").name("slow " + number);
            for (int stage = 0; stage < STAGES; stage++) {
                long keys = 1 + number * 7L + stage;
                boolean isRenamed = isNext && (number == 3 && stage == 1 || number == 17 && stage == 2);
                String uid = pipeline + (isRenamed ? "-totals-by-hour-" : "-totals-") + stage;
                stream = stream.keyBy(value -> value % keys).map(new Totals()).uid(uid).name("totals " + stage);
                for (int map = 0; map < MAPS; map++) {
                    stream = stream.map(value -> value + 1).returns(Long.class).name("enrich " + map);
                }
            }
        }
    }

    private static final class Slow extends RichMapFunction<Long, Long> implements CheckpointedFunction {
        private transient ListState<Long> seen;
        private transient ListState<String> marks;

        @Override
        public Long map(Long value) throws Exception {
            Thread.sleep(20);
            return value;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            seen = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("seen", Long.class));
            marks = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("marks", String.class));
            seen.add(1L);
            marks.add("a mark that is longer than a number");
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {}
    }

    private static final class Totals extends RichMapFunction<Long, Long> {
        private transient ValueState<Long> total;
        private transient MapState<Long, String> entries;

        @Override
        public void open(OpenContext context) {
            total = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Long.class));
            entries = getRuntimeContext().getMapState(new MapStateDescriptor<>("entries", Long.class, String.class));
        }

        @Override
        public Long map(Long value) throws Exception {
            Long before = total.value();
            total.update(before == null ? value : before + value);
            entries.put(value, "entry " + value);
            return value;
        }
    }
}
