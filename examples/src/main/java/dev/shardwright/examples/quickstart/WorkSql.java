package dev.shardwright.examples.quickstart;

/**
 * The SQL of what a service does for one key.
 *
 * @param select reads some rows; its parameter is the key
 * @param insert its parameters are the key and the new row's number
 * @param count adds one to the key's counter; its parameter is the key
 */
record WorkSql(String select, String insert, String count) {}
