package io.outlay.embedded;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

@AnalyzeClasses(packages = "io.outlay.embedded", importOptions = DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule THE_STACK_KNOWS_ONLY_PROCESSES =
      noClasses()
          .that()
          .resideInAPackage("..embedded.stack..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("java..", "org.jspecify..", "io.outlay.embedded.stack..");

  @ArchTest
  static final ArchRule KAFKA_STAYS_IN_ITS_PACKAGE =
      noClasses()
          .that()
          .resideOutsideOfPackages("..embedded.kafka..", "..embedded.demo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "kafka..");

  @ArchTest
  static final ArchRule PARTS_KNOW_NO_COMMANDS =
      noClasses()
          .that()
          .resideInAnyPackage("..embedded.parts..", "..embedded.kafka..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..embedded.cli..", "..embedded.demo..", "picocli..");
}
