package io.outlay.streams;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

@AnalyzeClasses(
    packages = "io.outlay.streams",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule LOGIC_IS_PLAIN_JAVA =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..streams.rating..",
              "..streams.dedupe..",
              "..streams.rollup..",
              "io.outlay.streams.reprice",
              "..streams.ledger..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "io.quarkus..", "jakarta..", "io.micrometer..");

  @ArchTest
  static final ArchRule TOPOLOGY_KNOWS_NO_PROGRAM =
      noClasses()
          .that()
          .resideInAPackage("..streams.topology..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..streams.app..", "io.quarkus..", "jakarta..", "io.micrometer..");

  @ArchTest
  static final ArchRule REPLAY_KNOWS_CLIENTS_AND_NO_PROGRAM =
      noClasses()
          .that()
          .resideInAPackage("..streams.replay..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..streams.app..",
              "..streams.http..",
              "..streams.topology..",
              "org.apache.kafka.streams..",
              "io.quarkus..",
              "jakarta..",
              "io.micrometer..");

  @ArchTest
  static final ArchRule ONE_CLASS_TOUCHES_INTERNALS =
      noClasses()
          .that()
          .doNotHaveSimpleName("CommitHook")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka.streams.processor.internals..",
              "org.apache.kafka.streams.state.internals..");
}
