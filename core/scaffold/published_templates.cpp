#include "core/scaffold/published_templates.hpp"

#include <algorithm>
#include <array>

namespace pier::scaffold {
namespace {

// The official CLI has these inside; its release 1.13.0 is tagged in its repository.
constexpr std::string_view k_cli = "https://github.com/databricks/cli";
constexpr std::string_view k_release = "v1.13.0";

constexpr std::array<PublishedTemplate, 10> k_published{{
    {"default-python", "", "Python: notebooks, a job and a pipeline", k_cli, k_release,
     "libs/template/templates/default-python"},
    {"default-sql", "", "SQL files that a warehouse runs", k_cli, k_release, "libs/template/templates/default-sql"},
    {"default-minimal", "empty", "nothing but the folders", k_cli, k_release,
     "libs/template/templates/default-minimal"},
    {"default-scala", "", "a job with a JAR written in Scala", k_cli, k_release,
     "libs/template/templates/default-scala"},
    {"lakeflow-pipelines", "", "a declarative pipeline", k_cli, k_release, "libs/template/templates/lakeflow-pipelines",
     true},
    {"lakeflow-integrations", "", "a Lakeflow integration", k_cli, k_release,
     "libs/template/templates/lakeflow-integrations", true},
    {"cli-pipelines", "", "older name of lakeflow-pipelines", k_cli, k_release,
     "libs/template/templates/lakeflow-pipelines", true},
    {"dbt-sql", "", "dbt on a SQL warehouse", k_cli, k_release, "libs/template/templates/dbt-sql"},
    {"mlops-stacks", "mlops-stack", "machine learning with training, inference and CI",
     "https://github.com/databricks/mlops-stacks", "", ""},
    {"pydabs", "", "default-python with resources defined in Python", k_cli, k_release,
     "libs/template/templates/pydabs"},
}};

} // namespace

std::span<const PublishedTemplate> published_templates() {
  return k_published;
}

const PublishedTemplate* find_published(std::string_view name) {
  const auto* found = std::find_if(k_published.begin(), k_published.end(), [&](const PublishedTemplate& known) {
    return known.name == name || (!known.other_name.empty() && known.other_name == name);
  });
  return found == k_published.end() ? nullptr : found;
}

} // namespace pier::scaffold
