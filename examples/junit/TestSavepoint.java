import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A savepoint of a short run of a job, in this process. */
final class TestSavepoint {
    private TestSavepoint() {}

    static String take(Consumer<StreamExecutionEnvironment> job, Path directory) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        job.accept(env);
        return take(env, directory);
    }

    /** Of the job that was defined in a local environment. */
    static String take(StreamExecutionEnvironment env, Path directory) throws Exception {
        JobClient running = env.executeAsync();
        try {
            for (int attempt = 0; ; attempt++) {
                try {
                    return running.triggerSavepoint(directory.toUri().toString(), SavepointFormatType.CANONICAL).get();
                } catch (ExecutionException refused) {
                    // Flink refuses until every task runs.
                    if (attempt == 100) {
                        throw refused;
                    }
                    Thread.sleep(200);
                }
            }
        } finally {
            running.cancel().get();
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(take(OrdersJob::define, Path.of(arguments[0])));
    }
}
