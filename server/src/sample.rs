//! Sample.

pub async fn add(_: &crate::app::App) -> Result<usize, std::io::Error> {
    Ok(0)
}
