import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job with one keyed state. */
final class OrdersJob {
    private OrdersJob() {}

    static void define(StreamExecutionEnvironment env) {
        env.fromSequence(1, Long.MAX_VALUE)
                .uid("orders")
                .keyBy(order -> order % 10)
                .map(new Total())
                .uid("totals")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
    }

    private static final class Total extends RichMapFunction<Long, Long> {
        private transient ValueState<Long> total;

        @Override
        public void open(OpenContext context) {
            total = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Long.class));
        }

        @Override
        public Long map(Long order) throws Exception {
            Long before = total.value();
            total.update(before == null ? order : before + order);
            return total.value();
        }
    }
}
