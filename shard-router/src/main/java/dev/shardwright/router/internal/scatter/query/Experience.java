package dev.shardwright.router.internal.scatter.query;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import dev.shardwright.router.internal.sql.Analysis;
import java.util.List;

/**
 * What was learnt from running a statement that saves a vain attempt the next time. Forgotten
 * together with its analysis. Thread-safe; to know less is no error.
 */
public final class Experience {
  private final LoadingCache<Analysis, Experience.Of> known =
      CacheBuilder.newBuilder()
          .weakKeys()
          .build(
              new CacheLoader<>() {
                @Override
                public Of load(Analysis analysis) {
                  return new Of();
                }
              });

  /** What was learnt about one statement. */
  public static final class Of {
    private volatile int firstFitting;
    private volatile boolean isLong;
    private volatile boolean withoutText;
    private volatile List<String> names = List.of();

    /** The first of its answers that the types of its columns allow, as far as is known. */
    public int firstFitting() {
      return firstFitting;
    }

    public void fits(int answer) {
      firstFitting = answer;
    }

    /** Whether a shard once had more rows than it is let send at once. */
    boolean isLong() {
      return isLong;
    }

    void wasLong() {
      isLong = true;
    }

    /** Whether no key of its order was text the last time, so that no collation matters. */
    public boolean isWithoutText() {
      return withoutText;
    }

    public void withoutText(boolean isSo) {
      withoutText = isSo;
    }

    /** The names of its columns; empty if they are not known yet. */
    public List<String> names() {
      return names;
    }

    public void named(List<String> columns) {
      names = columns;
    }
  }

  Of of(Analysis analysis) {
    return known.getUnchecked(analysis);
  }
}
