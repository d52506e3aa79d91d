package io.outlay.detector;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

@AnalyzeClasses(
    packages = "io.outlay.detector",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule LOGIC_IS_FREE_OF_FRAMEWORKS =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.outlay.detector.app..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "jakarta..",
              "io.micrometer..",
              "org.eclipse.microprofile..",
              "org.apache.kafka..",
              "com.clickhouse..",
              "io.outlay.config..");

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("spend")
          .definedBy("io.outlay.detector.spend..")
          .layer("budget")
          .definedBy("io.outlay.detector.budget..")
          .layer("rule")
          .definedBy("io.outlay.detector.rule..")
          .layer("delivery")
          .definedBy("io.outlay.detector.delivery..")
          .layer("incident")
          .definedBy("io.outlay.detector.incident..")
          .layer("backtest")
          .definedBy("io.outlay.detector.backtest..")
          .layer("app")
          .definedBy("io.outlay.detector.app..")
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("backtest")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("incident")
          .mayOnlyBeAccessedByLayers("backtest", "app")
          .whereLayer("delivery")
          .mayOnlyBeAccessedByLayers("incident", "backtest", "app")
          .whereLayer("budget")
          .mayOnlyBeAccessedByLayers("incident", "backtest", "app")
          .whereLayer("rule")
          .mayOnlyBeAccessedByLayers("incident", "backtest", "app")
          .whereLayer("spend")
          .mayOnlyBeAccessedByLayers("budget", "rule", "incident", "backtest", "app");
}
