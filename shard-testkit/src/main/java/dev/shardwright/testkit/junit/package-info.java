/** JUnit 5 extensions over the testkit's servers; the only package that needs JUnit. */
@NullMarked
package dev.shardwright.testkit.junit;

import org.jspecify.annotations.NullMarked;
