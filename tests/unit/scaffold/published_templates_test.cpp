#include "core/base/files.hpp"
#include "core/scaffold/answers.hpp"
#include "core/scaffold/published_templates.hpp"
#include "core/scaffold/renderer.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::scaffold;

namespace {

TemplateSchema schema(std::string_view text) {
  auto result = parse_template_schema(text);
  REQUIRE_MESSAGE(result, result.error().to_string());
  return *result;
}

constexpr std::string_view k_warehouse =
    R"({"properties": {"path": {"type": "string", "description": "Warehouse", "format": "warehouse_path"}}})";

WorkspaceFacts with_warehouses(std::vector<Warehouse> warehouses) {
  WorkspaceFacts facts;
  facts.warehouses = [warehouses = std::move(warehouses)] { return Result<std::vector<Warehouse>>(warehouses); };
  return facts;
}

class Chooser final : public Prompter {
 public:
  Result<std::string> ask(const Question& question) override { return question.choices.back(); }

  void reject(const Error& /*problem*/) override {}
};

} // namespace

TEST_CASE("published templates: by name and older name, those of the CLI at its release") {
  REQUIRE(find_published("empty") != nullptr);
  CHECK(find_published("empty") == find_published("default-minimal"));
  CHECK(find_published("default-minimal")->tag == "v1.13.0");
  CHECK(find_published("mlops-stack")->folder.empty());
  CHECK(find_published("") == nullptr);
  CHECK(find_published("fullstack") == nullptr);
}

TEST_CASE("templates: a collection shares a library, the template's own wins") {
  const auto temp = TempDirectory::create();
  const auto root = temp->path();
  const auto write = [&](const char* path, std::string_view text) {
    REQUIRE(make_directories((root / path).parent_path()));
    REQUIRE(write_file_atomically(root / path, text));
  };
  write("common/library/a.tmpl", R"({{define "x"}}shared{{end}}{{define "y"}}shared{{end}})");
  write("one/library/a.tmpl", R"({{define "x"}}own{{end}})");
  write("one/databricks_template_schema.json", "{}");
  write("one/template/f.tmpl", R"({{template "x"}} {{template "y"}})");
  for (const std::string name : {"./one", "./one/"}) {
    CAPTURE(name);
    const auto source = find_template({.name = name, .cwd = root});
    REQUIRE_MESSAGE(source, source.error().to_string());
    const auto tree = render_tree(*source, {}, {});
    REQUIRE_MESSAGE(tree, tree.error().to_string());
    CHECK(tree->files.front().content == "own shared");
  }
  write("two/databricks_template_schema.json", "{}");
  CHECK(find_template({.name = "./two", .cwd = root}).error().message.ends_with("it has no template/"));
}

TEST_CASE("answers: a warehouse is the best one, or the one that is chosen") {
  const auto facts = with_warehouses({{.id = "f1", .name = "a"}, {.id = "f2", .name = "b"}});
  CHECK(collect_answers(schema(k_warehouse), {}, facts, nullptr)->at("path") == Json("/sql/1.0/warehouses/f1"));
  Chooser last;
  CHECK(collect_answers(schema(k_warehouse), {}, facts, &last)->at("path") == Json("/sql/1.0/warehouses/f2"));
  CHECK(collect_answers(schema(k_warehouse), {}, with_warehouses({}), nullptr).error().code == "PIER5009");
}

TEST_CASE("answers: the official CLI's words") {
  const auto asked = schema(R"({"properties": {
    "a": {"type": "string", "description": "A", "enum": ["x", "y"], "default": "x"},
    "b": {"type": "integer", "description": "B", "default": 1},
    "c": {"type": "string", "description": "C", "pattern": "^[a-z]+$", "default": "Z"}}})");
  const auto problem = [&](std::string_view config) {
    return parse_config_file(asked, config, Words::official).error().message;
  };
  CHECK(problem(R"({"a": "z"})") == "expected value of property a to be one of [x y]. Found: z");
  CHECK(problem(R"({"b": "1"})") == "incorrect type for property b: expected type integer, but value is \"1\"");
  CHECK(problem(R"({"c": "Q"})") == "invalid value for c: \"Q\". Expected to match regex pattern: ^[a-z]+$");
  CHECK(collect_answers(asked, {}, {}, nullptr, Words::official).error().message ==
        "validation for template input parameters failed. invalid value for c: \"Z\". Expected to match regex "
        "pattern: ^[a-z]+$");
}
