#include "core/apps/build/preinstalled.hpp"
#include "core/base/files.hpp"

#include <doctest/doctest.h>

namespace pier::apps {

TEST_CASE("preinstalled: what the source imports or starts, unless the author names it") {
  const auto folder = std::move(*TempDirectory::create());
  REQUIRE(make_directories(folder.path() / "pages"));
  REQUIRE(write_file_atomically(folder.path() / "app.py",
                                "import streamlit as st, os\nfrom databricks import sql\n# import dash\n",
                                Durability::none));
  REQUIRE(write_file_atomically(folder.path() / "pages" / "a.py", "    from plotly.express import bar\n",
                                Durability::none));
  CHECK(preinstalled_used_by(folder.path(), {"uvicorn", "app:app"}, "") ==
        std::vector<std::string>{"databricks-sql-connector==3.4.0", "streamlit==1.38.0", "uvicorn[standard]==0.30.6",
                                 "plotly==5.24.1"});
  CHECK(preinstalled_used_by(folder.path(), {}, "Streamlit>=1.40\ndatabricks_sql_connector[pyarrow] ; x\n# c\n") ==
        std::vector<std::string>{"plotly==5.24.1"});
}

} // namespace pier::apps
