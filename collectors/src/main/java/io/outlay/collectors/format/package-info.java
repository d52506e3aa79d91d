/** The formats of a request body: each turns a stream of bytes into events and rejections. */
@NullMarked
package io.outlay.collectors.format;

import org.jspecify.annotations.NullMarked;
