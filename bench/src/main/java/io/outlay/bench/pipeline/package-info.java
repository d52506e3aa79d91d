/**
 * The programs under load: a stack of its own, a backlog of usage, and what it takes to count it.
 */
@NullMarked
package io.outlay.bench.pipeline;

import org.jspecify.annotations.NullMarked;
