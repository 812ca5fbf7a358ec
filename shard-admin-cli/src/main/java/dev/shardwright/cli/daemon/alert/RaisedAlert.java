package dev.shardwright.cli.daemon.alert;

import java.time.Instant;

/**
 * An alert that people are told.
 *
 * @param alert what is wrong
 * @param since since when it has been seen
 */
public record RaisedAlert(Alert alert, Instant since) {}
