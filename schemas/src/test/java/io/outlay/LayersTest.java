package io.outlay;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

@AnalyzeClasses(packages = "io.outlay", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  @ArchTest
  static final ArchRule LOGIC_IS_PLAIN_JAVA =
      noClasses()
          .that()
          .resideInAnyPackage("io.outlay.money..", "io.outlay.usage..", "io.outlay.price..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "io.quarkus..", "jakarta..", "javax..");

  @ArchTest
  static final ArchRule NO_FRAMEWORK_ANYWHERE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "jakarta..",
              "io.smallrye..",
              "io.vertx..",
              "io.micrometer..",
              "org.eclipse.microprofile..",
              "org.apache.kafka.streams..");

  @ArchTest
  static final ArchRule MONEY_KNOWS_ONLY_NUMBERS =
      classes()
          .that()
          .resideInAPackage("io.outlay.money..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.outlay.money..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule CONTRACTS_KNOW_ONLY_AVRO =
      classes()
          .that()
          .resideInAPackage("io.outlay.schema..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.outlay.schema..", "java..", "org.apache.avro..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("io.outlay.(*)..").should().beFreeOfCycles();
}
