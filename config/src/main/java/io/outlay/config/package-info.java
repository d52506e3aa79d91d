/** The configuration that an operator writes: its keys, defaults, sources and checks. */
@NullMarked
package io.outlay.config;

import org.jspecify.annotations.NullMarked;
