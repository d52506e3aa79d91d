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
          .layer("pull")
          .definedBy("io.outlay.collectors.pull..")
          .layer("ingest")
          .definedBy("io.outlay.collectors.ingest..")
          .layer("event")
          .definedBy("io.outlay.collectors.event..")
          .layer("otlp")
          .definedBy("io.outlay.collectors.otlp..")
          .layer("litellm")
          .definedBy("io.outlay.collectors.litellm..")
          .layer("provider")
          .definedBy("io.outlay.collectors.provider..")
          .layer("format")
          .definedBy("io.outlay.collectors.format..")
          .layer("attribution")
          .definedBy("io.outlay.collectors.attribution..")
          .layer("access")
          .definedBy("io.outlay.collectors.access..")
          .whereLayer("http")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("pull")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("ingest")
          .mayOnlyBeAccessedByLayers("http", "pull")
          .whereLayer("event")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("otlp")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("litellm")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("provider")
          .mayOnlyBeAccessedByLayers("http", "event", "litellm", "otlp")
          .whereLayer("format")
          .mayOnlyBeAccessedByLayers(
              "http", "pull", "ingest", "event", "otlp", "litellm", "provider")
          .whereLayer("attribution")
          .mayOnlyBeAccessedByLayers(
              "http", "pull", "ingest", "event", "otlp", "litellm", "provider", "format")
          .whereLayer("access")
          .mayOnlyBeAccessedByLayers(
              "http",
              "pull",
              "ingest",
              "event",
              "otlp",
              "litellm",
              "provider",
              "format",
              "attribution");

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
