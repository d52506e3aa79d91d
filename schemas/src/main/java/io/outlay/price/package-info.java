/** The price file that people edit, read into prices. */
@NullMarked
package io.outlay.price;

import org.jspecify.annotations.NullMarked;
