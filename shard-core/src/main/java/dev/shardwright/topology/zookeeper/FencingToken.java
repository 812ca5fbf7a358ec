package dev.shardwright.topology.zookeeper;

/**
 * What a leader shows to prove that no other was elected after it: later leaders have larger ones.
 *
 * @param value the version that the leader's write gave to the cluster's leader node
 */
public record FencingToken(int value) implements Comparable<FencingToken> {
  @Override
  public int compareTo(FencingToken other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
