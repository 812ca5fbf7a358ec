/** The daemon's HTTP side: who may ask what, and how answers, files and errors are sent. */
@NullMarked
package dev.shardwright.cli.daemon.web;

import org.jspecify.annotations.NullMarked;
