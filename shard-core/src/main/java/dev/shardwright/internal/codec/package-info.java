/** The bytes of topology and ring documents, with their format versions. Pure. */
@NullMarked
package dev.shardwright.internal.codec;

import org.jspecify.annotations.NullMarked;
