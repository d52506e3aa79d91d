package io.outlay.bench;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

@AnalyzeClasses(packages = "io.outlay.bench", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule FIXTURES_KNOW_NOTHING_OF_MEASURING =
      noClasses()
          .that()
          .resideInAPackage("..bench.fixture..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.openjdk.jmh..", "..bench.jmh..", "picocli..");

  @ArchTest
  static final ArchRule NO_PROGRAM_IS_STARTED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..streams.app..", "..sink.app..", "io.quarkus..");

  @ArchTest
  static final ArchRule SUBJECTS_ARE_APART =
      slices()
          .matching("io.outlay.bench.(rating|codec|dedupe|rowbinary|detection)..")
          .should()
          .notDependOnEachOther();
}
