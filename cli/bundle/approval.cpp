#include "cli/bundle/approval.hpp"

#include "cli/bundle/flow.hpp"

#include "cli/console.hpp"

#include <array>

namespace pier::cli {
namespace {

using deploy::Approval;

/// What is lost with a kind; the first line continues "… in the deletion [or recreation] of the following ".
struct Loss {
  std::string_view kind;
  std::string_view deploy;
  std::string_view destroy; ///< empty: the same
};

// In the order in which they are told.
constexpr std::array k_losses = {
    Loss{"schemas", "UC schemas. Any underlying data may be lost:", {}},
    Loss{"pipelines",
         "Lakeflow Spark Declarative Pipelines along with the\n"
         "Streaming Tables (STs) and Materialized Views (MVs) managed by them. Recreating the pipelines will\n"
         "restore the defined STs and MVs through full refresh. Note that recreation is necessary when pipeline\n"
         "properties such as the 'catalog' or 'storage' are changed:",
         {}},
    Loss{"volumes",
         "volumes.\n"
         "For managed volumes, the files stored in the volume are also deleted from your\n"
         "cloud tenant within 30 days. For external volumes, the metadata about the volume\n"
         "is removed from the catalog, but the underlying files are not deleted:",
         {}},
    Loss{"dashboards",
         "dashboards.\n"
         "This will result in changed IDs and permanent URLs of the dashboards that will be recreated:",
         {}},
    Loss{"database_instances", "Lakebase database instances.\nAll data stored in them will be permanently lost:", {}},
    Loss{"synced_database_tables",
         "synced database tables.\n"
         "The synced data in the destination database will be lost (the source table is preserved):",
         {}},
    Loss{"postgres_projects",
         "Lakebase projects along with\n"
         "all their branches, databases, and endpoints. All data stored in them will be permanently lost:",
         {}},
    Loss{"postgres_branches", "Lakebase branches.\nAll data stored in them will be permanently lost:", {}},
    Loss{"postgres_databases", "Lakebase databases.\nAll data stored in them will be permanently lost:", {}},
    Loss{"vector_search_indexes",
         "Vector Search indexes.\n"
         "Recreating a Delta Sync index re-runs the full embedding pipeline; recreating a Direct Access\n"
         "index drops all upserted vectors. Both can be expensive to rebuild:",
         "Vector Search indexes.\n"
         "For Delta Sync indexes, the source Delta Table is preserved but the embedding pipeline is removed.\n"
         "For Direct Access indexes, all upserted vectors are permanently lost:"},
    Loss{"genie_spaces", "Genie spaces.\nThe conversation history attached to a deleted space is permanently lost:",
         "Genie spaces.\nThe conversation history attached to them is permanently lost:"},
};

constexpr std::string_view k_pipelines_with_tables =
    "Lakeflow Spark Declarative Pipelines along with the\n"
    "Streaming Tables (STs) and Materialized Views (MVs) managed by them. Set 'cascade_on_destroy: false' on a "
    "pipeline to retain datasets on pipeline deletion:";
constexpr std::string_view k_pipelines_alone =
    "Lakeflow Spark Declarative Pipelines.\n"
    "The Streaming Tables (STs) and Materialized Views (MVs) managed by them are retained, as 'cascade_on_destroy' is "
    "set to false:";
constexpr std::string_view k_deletion = "This action will result in the deletion of the following ";
constexpr std::string_view k_deletion_or_recreation =
    "This action will result in the deletion or recreation of the following ";

std::string line_of(deploy::Action action, const std::string& key) {
  return "  " + std::string(deploy::verb(action)) + " resources." + key;
}

void print_deletions(std::string_view message, const std::vector<std::string>& keys, Console& console) {
  if (keys.empty()) {
    return;
  }
  console.status(std::string(k_deletion) + std::string(message));
  for (const auto& key : keys) {
    console.status(line_of(deploy::Action::remove, key));
  }
  console.status("");
}

void print_destroy(const Approval& approval, Console& console) {
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const auto& group : approval.groups) {
    for (const auto& key : group.keys) {
      by_kind[key.substr(0, key.find('.'))].push_back(key);
    }
  }
  if (approval.deletes) {
    console.status("The following resources will be deleted:");
    for (const auto& [kind, keys] : by_kind) {
      for (const auto& key : keys) {
        console.status(line_of(deploy::Action::remove, key));
      }
    }
    console.status("");
  }
  for (const auto& loss : k_losses) {
    if (loss.kind != "pipelines" && loss.kind != "dashboards") {
      print_deletions(loss.destroy.empty() ? loss.deploy : loss.destroy, by_kind[std::string(loss.kind)], console);
    }
  }
  std::vector<std::string> cascading;
  std::vector<std::string> retaining;
  for (const auto& key : by_kind["pipelines"]) {
    (approval.retained.contains(key) ? retaining : cascading).push_back(key);
  }
  print_deletions(k_pipelines_with_tables, cascading, console);
  print_deletions(k_pipelines_alone, retaining, console);
  console.status("All files and directories at the following location will be deleted: " + approval.root_path);
  console.status("");
}

void print_losses(const Approval& approval, Console& console) {
  for (const auto& loss : k_losses) {
    for (const auto& group : approval.groups) {
      if (group.kind != loss.kind) {
        continue;
      }
      console.status("");
      console.status(std::string(k_deletion_or_recreation) + std::string(loss.deploy));
      for (std::size_t i = 0; i < group.keys.size(); ++i) {
        console.status(line_of(group.actions[i], group.keys[i]));
      }
    }
  }
}

} // namespace

deploy::Approve bundle_deploy_approval(const Arguments& arguments, Context& context) {
  return [approved = arguments.has("auto-approve"), &context](const Approval& approval) -> Result<bool> {
    print_losses(approval, context.console);
    if (approved) {
      return true;
    }
    if (!context.console.is_interactive()) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER2037",
                   .message = "the deployment requires destructive actions, but the current console does not support "
                              "prompting.\n" +
                              std::string(k_data_loss_warning) +
                              "\nTo proceed, use --auto-approve after reviewing the plan above."};
    }
    context.console.status("");
    return context.console.confirm("Would you like to proceed?", false);
  };
}

deploy::Approve bundle_destroy_approval(const Arguments& arguments, Context& context) {
  const bool approved = arguments.has("auto-approve");
  const bool quiet = approved && arguments.count("quiet") >= k_only_problems;
  return [approved, quiet, &context](const Approval& approval) -> Result<bool> {
    if (!quiet) {
      print_destroy(approval, context.console);
    }
    return approved ? Result<bool>(true) : context.console.confirm("Would you like to proceed?", false);
  };
}

} // namespace pier::cli
