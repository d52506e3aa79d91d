package io.outlay.detector.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PublicAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, unspecified",
    "10.0.0.1, private",
    "100.100.100.200, shared",
    "127.0.0.1, loopback",
    "127.255.255.254, loopback",
    "169.254.169.254, link-local",
    "172.16.0.1, private",
    "172.31.255.255, private",
    "192.168.1.1, private",
    "168.63.129.16, metadata",
    "198.19.0.1, reserved",
    "224.0.0.1, multicast",
    "255.255.255.255, reserved",
    "::, unspecified",
    "::1, loopback",
    "fe80::1, link-local",
    "fec0::1, private",
    "fd00:ec2::254, unique-local",
    "fc00::1, unique-local",
    "ff02::1, multicast",
    "2001:db8::1, reserved",
    "2001::1, reserved",
    "::7f00:1, reserved",
    "64:ff9b::7f00:1, loopback",
    "64:ff9b::a9fe:a9fe, link-local",
    "2002:7f00:1::, loopback",
    "2002:a00:1::, private",
    "4000::1, reserved",
    "5f00::1, reserved",
    "e000::1, reserved",
  })
  void whatIsNotOfTheInternetIsNamed(String address, String kind) throws UnknownHostException {
    assertThat(PublicAddresses.refusal(InetAddress.getByName(address))).contains(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "168.63.129.17",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "64:ff9b::101:101",
        "2002:101:101::",
      })
  void whatIsOfTheInternetIsNot(String address) throws UnknownHostException {
    assertThat(PublicAddresses.refusal(InetAddress.getByName(address))).isEmpty();
  }

  @Test
  void aMappedAddressIsTheOneThatItMaps() {
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    mapped[12] = 127;
    mapped[15] = 1;
    assertThat(PublicAddresses.refusal(mapped)).contains("loopback");
    mapped[12] = 1;
    assertThat(PublicAddresses.refusal(mapped)).isEmpty();
  }
}
