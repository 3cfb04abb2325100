#include "bundles/explanations_config.hpp"

#include <array>

namespace pier::bundles {

std::span<const Explanation> config_explanations() {
  static constexpr std::array k_texts = {
      Explanation{
          "PIER1001", "no databricks.yml was found",
          "A bundle is a folder with databricks.yml (or databricks.yaml, bundle.yml, bundle.yaml). pier looks in\n"
          "the current folder and above it. Make a project with `pier init`, change into a bundle, or point\n"
          "DATABRICKS_BUNDLE_ROOT at one."},
      Explanation{
          "PIER1002", "a folder holds two root files",
          "Only one of databricks.yml, databricks.yaml, bundle.yml and bundle.yaml may be in the folder. Remove\n"
          "the others."},
      Explanation{
          "PIER1003", "a file cannot be read as text",
          "The file is missing or unreadable, larger than 64 MiB, holds a NUL byte, or is not UTF-8. Save it as\n"
          "UTF-8 text; split a very large one under `include`."},
      Explanation{
          "PIER1004", "the YAML is not well formed",
          "The parser stopped at this place. Usual reasons: a tab in the indentation, a missing quote or bracket,\n"
          "a colon followed by no blank, text after a list item that is indented too little."},
      Explanation{
          "PIER1005", "a YAML value cannot be used",
          "Keys must be texts (write \"1\": instead of 1:), integers must fit 64 bits, and only the tags of the YAML\n"
          "core are known."},
      Explanation{"PIER1006", "a merge key is wrong",
                  "`<<` takes an alias or a list of aliases:\n"
                  "  <<: *base\n"
                  "  <<: [*base, *more]\n"
                  "In a list the later map wins; own keys win over all. One `<<` per map."},
      Explanation{"PIER1007", "an anchor contains itself",
                  "An alias stands inside the anchor that it names, so it would never end. Move the alias out."},
      Explanation{
          "PIER1008", "the YAML expands to too much",
          "Nesting is limited to 400 levels and aliases to a million copied nodes, so that a small file cannot eat\n"
          "the memory. Write the structure out, or make it flatter."},
      Explanation{
          "PIER1009", "an entry of 'include' is wrong",
          "Entries are paths relative to databricks.yml with * ? [a-z] (no **). A plain name must exist; files must\n"
          "end in .yml, .yaml or .json. The bundle's own path must not hold pattern characters."},
      Explanation{"PIER1011", "'include' outside the root file",
                  "Only databricks.yml may include; entries elsewhere are ignored. Move them."},
      Explanation{
          "PIER1012", "several resources in a file for one",
          "A file named x.job.yml should define one job and nothing else; the same for every other kind. Rename\n"
          "the file or split it. This is a recommendation only."},
      Explanation{
          "PIER1013", "the top level is no map",
          "databricks.yml and included files hold keys at the top level (bundle, resources, targets …), not a list\n"
          "or a text."},
      Explanation{"PIER1014", "the bundle has no name",
                  "Write `bundle: {name: …}` in databricks.yml. The name is part of the path in the workspace."},
      Explanation{"PIER1015", "a duration or time cannot be read",
                  "Durations are seconds with an s (\"300s\"), times are RFC 3339 (\"2026-01-31T10:00:00Z\")."},
      Explanation{
          "PIER1020", "a field is not known",
          "The key is not part of the bundle language at this place and is ignored. Check its spelling and its\n"
          "indentation. Blocks that only define anchors are fine."},
      Explanation{"PIER1021", "a value has the wrong kind",
                  "A map stands where a text is expected, or the like. The value is ignored."},
      Explanation{"PIER1022", "a value is missing",
                  "The key has no value (null), so it is ignored. Give it one or remove the key."},
      Explanation{"PIER1023", "a text is no number",
                  "The field takes a number and the text is none, or the number does not fit without loss."},
      Explanation{
          "PIER1030", "two values cannot be merged",
          "A target or an included file gives a value of another kind than the one it is merged over, for instance\n"
          "a list over a reference. Write the same kind in both places."},
      Explanation{"PIER1031", "'environments' and 'targets' together",
                  "`environments` is the old name of `targets`. Use one of them."},
      Explanation{"PIER1032", "'compute_id' is old", "It is called `cluster_id` now."},
      Explanation{
          "PIER1033", "a key is used twice",
          "Keys of resources and scripts are unique over the whole bundle, also between kinds and files. Rename\n"
          "one of them; the key does not show in the workspace."},
      Explanation{"PIER1034", "a key holds a reference",
                  "Keys are fixed names. Put the reference into the resource's `name` instead."},
      Explanation{"PIER1035", "there is no such target",
                  "The target of -t or DATABRICKS_BUNDLE_TARGET is not in databricks.yml."},
      Explanation{"PIER1036", "several default targets", "Only one target may say `default: true`."},
      Explanation{"PIER1037", "no target was chosen",
                  "The bundle has several targets and none is the default. Name one with -t, or mark one with\n"
                  "`default: true`."},
      Explanation{"PIER1038", "a target sets an unknown variable",
                  "Variables are defined once at the top level; targets only give them other values."},
      Explanation{
          "PIER1040", "a variable has no value",
          "It has no default and nothing gives it a value. Sources, strongest first: --var NAME=VALUE, the\n"
          "environment variable BUNDLE_VAR_NAME, a lookup, .databricks/bundle/TARGET/variable-overrides.json, the\n"
          "target, the default."},
      Explanation{
          "PIER1041", "a reference leads nowhere",
          "`${…}` names a variable or field that does not exist. The message shows the nearest names. A text that\n"
          "is no reference, such as `${ x }`, is left alone."},
      Explanation{"PIER1042", "references go in a circle",
                  "Each of the named values refers to the next. Break the circle at one of them."},
      Explanation{
          "PIER1043", "a map or list inside a text",
          "A reference that is part of a longer text must be a plain value. Use it alone, or refer to one of its\n"
          "fields."},
      Explanation{"PIER1044", "references nest too deeply",
                  "After eleven rounds something was still open. Simplify the variables."},
      Explanation{"PIER1045", "--var is wrong",
                  "Write --var NAME=VALUE for a defined variable, each once. Structured variables come from\n"
                  ".databricks/bundle/TARGET/variable-overrides.json."},
      Explanation{"PIER1046", "a structured variable from the environment",
                  "Environment variables are texts. Use .databricks/bundle/TARGET/variable-overrides.json."},
      Explanation{
          "PIER1047", "the override file is wrong",
          ".databricks/bundle/TARGET/variable-overrides.json is a JSON object {\"name\": value}. A variable of type\n"
          "complex needs a list or map there, any other a plain value."},
      Explanation{
          "PIER1048", "a lookup is wrong",
          "`lookup` takes exactly one kind and a name, for instance `lookup: {warehouse: Shared}`. It may not build\n"
          "on another lookup, and the object must exist."},
      Explanation{
          "PIER1049", "a lookup is not answered offline",
          "The variable's value is an id that only the workspace knows. References to it stay open here and are\n"
          "filled when the bundle is deployed."},
  };
  return k_texts;
}

} // namespace pier::bundles
