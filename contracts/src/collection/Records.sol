// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {Statement} from "../Statement.sol";

/// @title What was proven about each token
/// @notice A record is written once, in the mint, and outlives the token: a burned prompt or image cannot be minted again.
/// @dev The record is the code of a contract: a zero byte, the prompt, the creator, then the image's bytes or their hash. Keeping the
/// creator there and not in a slot of its own saves a few thousand gas a token.
abstract contract Records {
    struct Record {
        bytes prompt;
        address creator;
        /// `aigcData` when the image is kept on chain, otherwise the 32 bytes of the image hash.
        bytes image;
    }

    mapping(uint256 tokenId => address) private _pointers;

    /// @notice The token of an image, by keccak256 of `aigcData` followed by the pose byte; 0 when there is none.
    /// @dev Both parts have fixed lengths, so no two different images have the same preimage.
    mapping(bytes32 imageHash => uint256) public tokenOfImage;

    error AlreadyMinted(uint256 tokenId);
    /// @notice Another prompt has already been minted with the same image in the same pose.
    error ImageTaken(bytes32 imageHash, uint256 tokenId);

    function _requireNew(uint256 tokenId, bytes32 imageHash) internal view {
        if (_pointers[tokenId] != address(0)) revert AlreadyMinted(tokenId);
        if (tokenOfImage[imageHash] != 0) revert ImageTaken(imageHash, tokenOfImage[imageHash]);
    }

    function _writeRecord(uint256 tokenId, bytes32 imageHash, bytes memory record) internal returns (address pointer) {
        pointer = SSTORE2.write(record);
        _pointers[tokenId] = pointer;
        tokenOfImage[imageHash] = tokenId;
    }

    /// @dev The token must have been minted.
    function _readRecord(uint256 tokenId, uint256 promptLength) internal view returns (Record memory record) {
        address pointer = _pointers[tokenId];
        uint256 creatorEnd = promptLength + Statement.CREATOR_BYTES;
        record.prompt = SSTORE2.read(pointer, 0, promptLength);
        record.creator = address(bytes20(SSTORE2.read(pointer, promptLength, creatorEnd)));
        record.image = SSTORE2.read(pointer, creatorEnd);
    }

    /// @dev The image hash of a statement: the proven bytes, then the pose.
    function _imageHash(bytes calldata prompt, bytes calldata aigcData) internal pure returns (bytes32) {
        return keccak256(bytes.concat(aigcData, prompt[prompt.length - 1]));
    }
}
