package dev.shardwright.bench.jmh;

import dev.shardwright.ring.PostgresHash;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Hashes of the other key types. The bar: only text beyond ASCII allocates. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class KeyHashBenchmark {
  private String ascii = "customer-4711@example.com";
  private String beyondAscii = "kunde-4711@übermorgen.de";
  private UUID uuid = new UUID(0x0123456789abcdefL, 0x8edcba9876543210L);

  /** A text of 25 bytes. */
  @Benchmark
  public long asciiText() {
    return PostgresHash.hashText(ascii);
  }

  /** A text of 25 bytes, one character of which has two. */
  @Benchmark
  public long textBeyondAscii() {
    return PostgresHash.hashText(beyondAscii);
  }

  /** A uuid. */
  @Benchmark
  public long uuid() {
    return PostgresHash.hashUuid(uuid);
  }
}
