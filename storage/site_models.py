"""The public site: views of published cases and the visits of kiosks."""
