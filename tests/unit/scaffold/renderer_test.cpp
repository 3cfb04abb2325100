#include "core/base/files.hpp"
#include "core/scaffold/renderer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pier;
using namespace pier::scaffold;

namespace {

TemplateSource source(std::map<std::string, std::string> files) {
  TemplateSource out{.name = "test"};
  for (auto& [path, content] : files) {
    out.files[path].content = content;
  }
  return out;
}

std::vector<std::string> paths(const RenderedTree& tree) {
  std::vector<std::string> out;
  for (const auto& file : tree.files) {
    out.push_back(file.path);
  }
  return out;
}

RenderedTree rendered(const TemplateSource& from, const AnswerValues& answers = {{"name", "shop"}}) {
  auto tree = render_tree(from, answers, {});
  REQUIRE_MESSAGE(tree, tree.error().to_string());
  return *tree;
}

} // namespace

TEST_CASE("renderer: names and .tmpl files are templates, others are copied") {
  const auto tree = rendered(source({{"template/{{.name}}/a.txt.tmpl", "{{.name}}"},
                                     {"template/{{.name}}/b.txt", "{{.name}}"},
                                     {"library/x.tmpl", "{{define \"x\"}}shared{{end}}"},
                                     {"template/{{template \"x\"}}.tmpl", "{{template \"x\"}}"},
                                     {"README.md", "not part of it"}}));
  CHECK(paths(tree) == std::vector<std::string>{"shared", "shop/a.txt", "shop/b.txt"});
  CHECK(tree.files[0].content == "shared");
  CHECK(tree.files[1].content == "shop");
  CHECK(tree.files[2].content == "{{.name}}");
  CHECK(tree.folders == std::vector<std::string>{"shop"});
}

TEST_CASE("renderer: skip drops outputs, relative to its folder and within one level") {
  const auto tree =
      rendered(source({{"template/a/__preamble.tmpl", "{{skip \"*.md\"}}{{skip \"b\"}}{{skip \"__preamble\"}}"},
                       {"template/a/x.md", ""},
                       {"template/a/c/x.md", ""},
                       {"template/a/b/deep/never.tmpl", "{{.not_executed}}"},
                       {"template/x.md", ""}}));
  CHECK(paths(tree) == std::vector<std::string>{"a/c/x.md", "x.md"});
  CHECK(tree.folders == std::vector<std::string>{"a", "a/c"});
}

TEST_CASE("renderer: a path that leaves the project is refused") {
  for (const std::string name : {"../x", "/etc/x", "a/../../x"}) {
    const auto tree = render_tree(source({{"template/{{.name}}", ""}}), {{"name", name}}, {});
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == "PIER5002");
  }
}

TEST_CASE("renderer: two files with one name are refused") {
  CHECK_FALSE(render_tree(source({{"template/{{.name}}", ""}, {"template/shop", ""}}), {{"name", "shop"}}, {}));
}

TEST_CASE("glob: as Go's path.Match") {
  const std::vector<std::tuple<std::string, std::string, bool>> cases{
      {"*", "a", true},         {"*", "a/b", false},        {"a*", "a/b", false},       {"a*/b", "abc/b", true},
      {"a*/b", "a/c/b", false}, {"*.md", "x.md", true},     {"*.md", "x.mdx", false},   {"a?c", "abc", true},
      {"a?c", "a/c", false},    {"[a-c]x", "bx", true},     {"[^a-c]x", "bx", false},   {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},  {"*a*b*c", "xaybzc", true}, {"*a*b*c", "xaybz", false}, {"", "", true},
      {"ab*", "ab", true},      {"a*c*", "abcd", true},     {"*/*", "a/b", true},       {"*/*", "a/b/c", false}};
  for (const auto& [pattern, path, expected] : cases) {
    CAPTURE(pattern);
    CAPTURE(path);
    CHECK(glob_matches(pattern, path).value() == expected);
  }
  CHECK_FALSE(glob_matches("[a", "a"));
}

TEST_CASE("write tree: refuses to overwrite, names all and writes nothing") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  RenderedTree tree{.files = {{"p/a", "new"}, {"p/b", "new"}, {"p/q/c", "new"}}, .folders = {"p", "p/q"}};
  REQUIRE(make_directories(temp->path() / "p"));
  REQUIRE(write_file_atomically(temp->path() / "p/b", "old"));
  REQUIRE(write_file_atomically(temp->path() / "p/q", "a file where a folder must be"));
  const auto result = write_tree(tree, temp->path());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "PIER5010");
  CHECK(result.error().message == "nothing is written, as these files exist already: p/b, p/q");
  CHECK(read_file(temp->path() / "p/b").value() == "old");
  CHECK_FALSE(std::filesystem::exists(temp->path() / "p/a"));
}

TEST_CASE("write tree: joins an existing folder, keeps modes, leaves nothing else behind") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  const RenderedTree tree{.files = {{"p/run.sh", "#!", true}, {"p/q/c", "x"}}, .folders = {"p", "p/q", "p/empty"}};
  REQUIRE(make_directories(temp->path() / "p"));
  REQUIRE(write_file_atomically(temp->path() / "p/mine", "kept"));
  REQUIRE(write_tree(tree, temp->path()));
  CHECK(read_file(temp->path() / "p/mine").value() == "kept");
  CHECK(read_file(temp->path() / "p/q/c").value() == "x");
  CHECK(std::filesystem::is_directory(temp->path() / "p/empty"));
  const auto mode = std::filesystem::status(temp->path() / "p/run.sh").permissions();
  CHECK((mode & std::filesystem::perms::owner_exec) != std::filesystem::perms::none);
  CHECK(std::distance(std::filesystem::directory_iterator(temp->path()), {}) == 1);
}
