/** What a very large cluster costs: its documents, its memory, its plans, its acknowledgements. */
@NullMarked
package dev.shardwright.bench.scale;

import org.jspecify.annotations.NullMarked;
