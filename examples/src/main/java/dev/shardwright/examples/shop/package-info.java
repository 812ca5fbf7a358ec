/**
 * A small service that keeps users and orders in a cluster; the Java code in README.md stands here.
 */
@NullMarked
package dev.shardwright.examples.shop;

import org.jspecify.annotations.NullMarked;
