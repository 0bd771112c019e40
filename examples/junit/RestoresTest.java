import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoresTest {
    @Test
    void thisVersionRestoresFromProduction(@TempDir Path directory) throws Exception {
        String plan = TestSavepoint.take(OrdersJob::define, directory);
        Process check = new ProcessBuilder("holdpoint", "check", System.getenv("PRODUCTION_SAVEPOINT"), "--plan", plan)
                .inheritIO()
                .start();
        assertEquals(0, check.waitFor(), "holdpoint says above what is wrong");
    }
}
