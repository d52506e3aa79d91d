/** What the collectors fetch by themselves: GPU time from exporters, storage from listings. */
@NullMarked
package io.outlay.collectors.pull;

import org.jspecify.annotations.NullMarked;
