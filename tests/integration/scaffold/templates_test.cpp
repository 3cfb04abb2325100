#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/scaffold/renderer.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::scaffold;

namespace {

std::filesystem::path scaffolded(const TempDirectory& folder, const std::string& name) {
  const auto source = find_template({.name = name, .cwd = folder.path()});
  REQUIRE(source);
  const auto schema = schema_of(*source);
  REQUIRE(schema);
  const auto answers = collect_answers(*schema, {{"project_name", "demo-app"}}, {}, nullptr);
  REQUIRE(answers);
  const auto tree = render_tree(*source, *answers, {});
  REQUIRE(tree);
  REQUIRE(write_tree(*tree, folder.path()));
  return folder.path() / "demo-app";
}

/// Caches of pip and Python stay in the test's folder.
void run(const TempDirectory& folder, const std::filesystem::path& cwd, std::vector<std::string> argv) {
  auto env = Environment::of_process();
  env.set("PIP_CACHE_DIR", (folder.path() / "pip").string());
  env.set("PYTHONDONTWRITEBYTECODE", "1");
  const auto done =
      run_captured({.argv = std::move(argv), .env = env, .cwd = cwd}, {.timeout = std::chrono::minutes(4)});
  REQUIRE_MESSAGE(done, done.error().to_string());
  REQUIRE_MESSAGE(done->status.ok(), (done->standard_output + done->standard_error));
}

} // namespace

TEST_CASE("fullstack: the tests of its back end pass with its pinned requirements") {
  const auto folder = TempDirectory::create("pier-template");
  REQUIRE(folder);
  const auto project = scaffolded(*folder, "fullstack");
  const auto python = (folder->path() / "venv/bin/python").string();
  run(*folder, project, {"python3", "-m", "venv", folder->path() / "venv"});
  run(*folder, project,
      {python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "app/requirements.txt", "-r",
       "tests/requirements.txt"});
  run(*folder, project, {python, "-m", "pytest", "-q", "-p", "no:cacheprovider"});
}

TEST_CASE("streamlit: its Python files compile") {
  const auto folder = TempDirectory::create("pier-template");
  REQUIRE(folder);
  const auto project = scaffolded(*folder, "streamlit");
  run(*folder, project,
      {"python3", "-c", "import ast, pathlib; [ast.parse(p.read_text()) for p in pathlib.Path('.').rglob('*.py')]"});
}
