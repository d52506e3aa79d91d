/** What model providers report of a call, in their own words, as disjoint token counts. */
@NullMarked
package io.outlay.collectors.provider;

import org.jspecify.annotations.NullMarked;
