package io.outlay.collectors;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

@AnalyzeClasses(
    packages = "io.outlay.collectors",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule layers =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("http")
          .definedBy("io.outlay.collectors.http..")
          .layer("ingest")
          .definedBy("io.outlay.collectors.ingest..")
          .layer("event")
          .definedBy("io.outlay.collectors.event..")
          .layer("provider")
          .definedBy("io.outlay.collectors.provider..")
          .layer("litellm")
          .definedBy("io.outlay.collectors.litellm..")
          .layer("format")
          .definedBy("io.outlay.collectors.format..")
          .layer("attribution")
          .definedBy("io.outlay.collectors.attribution..")
          .layer("access")
          .definedBy("io.outlay.collectors.access..")
          .whereLayer("http")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("ingest")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("event")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("litellm")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("provider")
          .mayOnlyBeAccessedByLayers("http", "event", "litellm")
          .whereLayer("format")
          .mayOnlyBeAccessedByLayers("http", "ingest", "event", "provider", "litellm")
          .whereLayer("attribution")
          .mayOnlyBeAccessedByLayers("http", "ingest", "event", "provider", "litellm", "format")
          .whereLayer("access")
          .mayOnlyBeAccessedByLayers(
              "http", "ingest", "event", "provider", "litellm", "format", "attribution");

  @ArchTest
  static final ArchRule logicKnowsNoFramework =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.outlay.collectors.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "io.smallrye..",
              "io.vertx..",
              "io.micrometer..",
              "jakarta..",
              "org.eclipse.microprofile..",
              "org.jboss..",
              "io.outlay.config..");

  @ArchTest
  static final ArchRule onlyTheIngestKnowsKafka =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.outlay.collectors.ingest..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..");
}
