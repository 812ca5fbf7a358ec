package dev.shardwright.topology;

/** How an attempt to change the topology ended. */
public sealed interface CompareAndSet {

  /** The change is in force. */
  record Applied(Epoch epoch) implements CompareAndSet {}

  /** Somebody else was first; nothing was changed. */
  record Lost(Epoch current) implements CompareAndSet {}

  /**
   * The connection broke and the answer could not be found out within the deadline: the change may
   * or may not be in force.
   */
  record Unknown(String reason) implements CompareAndSet {}
}
