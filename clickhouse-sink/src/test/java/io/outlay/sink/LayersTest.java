package io.outlay.sink;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

@AnalyzeClasses(packages = "io.outlay.sink", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule ONLY_THE_WIRING_KNOWS_FRAMEWORKS =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.outlay.sink.app")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "jakarta..",
              "org.eclipse.microprofile..",
              "io.smallrye..",
              "io.micrometer..",
              "io.outlay.config..",
              "io.outlay.sink.app..");

  @ArchTest
  static final ArchRule ONLY_THE_TARGET_KNOWS_CLICKHOUSE_CLIENTS =
      noClasses()
          .that()
          .resideInAnyPackage("io.outlay.sink.row", "io.outlay.sink.batch", "io.outlay.sink.worker")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.clickhouse..");

  @ArchTest
  static final ArchRule PACKAGES_FORM_NO_CYCLES =
      slices().matching("io.outlay.sink.(*)..").should().beFreeOfCycles();
}
