#include "core/scaffold/explanations.hpp"

#include <array>

namespace pier::scaffold {

std::span<const Explanation> explanations() {
  static constexpr std::array<Explanation, 10> all{{
      {"PIER5001", "a template cannot be parsed",
       "A file of the template, or one of its path names, breaks the rules of Go's text/template language.\n"
       "The message names file, line and column. Common causes: an action that is never closed with }},\n"
       "{{if}} without {{end}}, a string without its second quote."},
      {"PIER5002", "a template cannot be executed",
       "An action asks for something that is not there: a value that is no property of the template, a\n"
       "function with the wrong arguments, an index out of range. A key that does not exist is an error, so\n"
       "that a slip of the finger never becomes an empty text in a generated file."},
      {"PIER5003", "a regular expression cannot be used",
       "Expressions are those that Go (RE2) and ECMAScript share. Inline flags such as (?i) and named groups\n"
       "are not offered; texts to match are bounded to 4,096 bytes."},
      {"PIER5004", "a template needs a workspace",
       "The template uses workspace_host, user_name, short_name, is_service_principal or smallest_node_type.\n"
       "Name a workspace: pier init TEMPLATE --profile NAME, or set DATABRICKS_HOST and a token."},
      {"PIER5005", "the template refuses the answers",
       "The template itself ended with {{fail \"…\"}}; the message is its author's."},
      {"PIER5006", "databricks_template_schema.json is wrong",
       "Every property needs a type (string, boolean, integer, number) and a description; one with\n"
       "skip_prompt_if needs a default; version is at most 1, and min_databricks_cli_version at most v1.13.0, whose\n"
       "formats these are."},
      {"PIER5007", "an answer does not fit the template",
       "The value has the wrong type, is none of the choices, or does not match the pattern of the property.\n"
       "Values come from --set NAME=VALUE, from --config-file and from the terminal, in this order."},
      {"PIER5008", "there is no such template",
       "Templates are those with a name (pier init --list), folders that hold databricks_template_schema.json and a\n"
       "folder template/, and Git repositories with such a folder (--template-dir says which). A template has at\n"
       "most 2,000 files of 10 MiB each."},
      {"PIER5009", "an answer is missing",
       "Without a terminal nothing can be asked, so every property without a default needs a value:\n"
       "--set NAME=VALUE, or a JSON object in a file given with --config-file."},
      {"PIER5010", "pier init does not overwrite",
       "The template would write files that exist already. All of them are named, and nothing was written.\n"
       "Choose another project name or --output-dir, or remove the files."},
  }};
  return all;
}

} // namespace pier::scaffold
