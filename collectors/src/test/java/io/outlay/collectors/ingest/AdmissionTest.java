package io.outlay.collectors.ingest;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AdmissionTest {
  @Test
  void givenAllPlacesTaken_whenOneIsGivenBack_thenAnotherGetsIn() {
    Admission admission = new Admission(2, 100);
    Admission.Place first = admission.enter();
    Admission.Place second = admission.enter();

    assertThat(first).isNotNull();
    assertThat(second).isNotNull();
    assertThat(admission.enter()).isNull();
    assertThat(admission.requests()).isEqualTo(2);

    second.close();
    assertThat(admission.enter()).isNotNull();
  }

  @Test
  void givenBytesHeld_thenNoMoreThanAllowed_andGivenBackOnClose() {
    Admission admission = new Admission(2, 100);
    Admission.Place first = admission.enter();
    Admission.Place second = admission.enter();

    assertThat(first.hold(60)).isTrue();
    assertThat(second.hold(41)).isFalse();
    assertThat(second.hold(40)).isTrue();
    assertThat(admission.bytes()).isEqualTo(100);

    first.close();
    assertThat(admission.bytes()).isEqualTo(40);
    assertThat(second.hold(60)).isTrue();
  }

  @Test
  void givenNoPlaceAtAll_thenRefused() {
    assertThatThrownBy(() -> new Admission(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
