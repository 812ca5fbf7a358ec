package dev.shardwright.router.differential;

/**
 * What the cluster did with a statement.
 *
 * @param outcome what came of it
 * @param level how it went about it, in the words of {@code corpus/README.md}
 */
record Answered(Outcome outcome, String level) {}
