/** The price book over HTTP: look, explain, import. */
@NullMarked
package io.outlay.streams.http;

import org.jspecify.annotations.NullMarked;
