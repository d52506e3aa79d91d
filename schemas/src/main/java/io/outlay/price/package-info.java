/** Price lists that people edit or others publish, read into prices and planned into the book. */
@NullMarked
package io.outlay.price;

import org.jspecify.annotations.NullMarked;
